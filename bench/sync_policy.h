#pragma once
// When a writer asks for its data to be made safe.

#include <cstdint>
#include <string>
#include <string_view>

namespace npyrace {

struct SyncPolicy {
  enum class Kind { none, end, every, record };
  Kind kind = Kind::end;
  std::uint64_t every_records = 0;  ///< with every: more than 0

  /// Records between two syncs; 0: none in between.
  std::uint64_t interval_records() const {
    return kind == Kind::record ? 1 : kind == Kind::every ? every_records : 0;
  }
  bool at_end() const { return kind != Kind::none; }
};

/// "none", "end", "every:N", "record". Throws UsageError.
SyncPolicy parse_sync_policy(std::string_view text);
std::string to_string(const SyncPolicy& policy);

}  // namespace npyrace
