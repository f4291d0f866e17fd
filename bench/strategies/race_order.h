#pragma once
// The parameters that every writer of a race receives (RaceOrder), its sync policy, and which
// generations are held.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/array/array_map.h"

namespace npyrace {

struct SyncPolicy {
  enum class Kind { none, end, every, record };
  Kind kind = Kind::end;
  std::uint64_t every_records = 0;  ///< for Kind::every; at least 1

  /// Number of records between two syncs; 0: no sync in between.
  std::uint64_t interval_records() const {
    return kind == Kind::record ? 1 : kind == Kind::every ? every_records : 0;
  }
  bool at_end() const { return kind != Kind::none; }
};

/// "none", "end", "every:N", "record". Throws UsageError.
SyncPolicy parse_sync_policy(std::string_view text);
std::string to_string(const SyncPolicy& policy);

// Sent to workers as text, so that every launcher can pass it on, also to other machines.

struct RaceOrder {
  ArrayRequest array;
  std::vector<std::string> paths;  ///< path of the same file through each mount
  /// One, or a mixture: writer w uses strategies[w modulo size].
  std::vector<std::string> strategies;
  std::string sync;
  std::string local_dir;  ///< node-local folder for strategies that store there first
  std::uint64_t stamp_seed = 0;
  unsigned generations = 1;

  /// Writer w uses mount w modulo the number of mounts, so that neighbours in cyclic ownership use
  /// different mounts.
  const std::string& path_of(std::uint64_t writer) const { return paths[writer % paths.size()]; }
};

/// Every second generation is held (synchronized): no writer syncs or closes before all have
/// written all records. Cached pages of different writers then certainly conflict, which is left to
/// chance in the other generations. Those show the effect of a sync during another's writes, and
/// they are timed.
inline bool is_held(unsigned generation) {
  return generation % 2 == 0;
}

std::string to_text(const RaceOrder& order);
/// Throws FormatError.
RaceOrder race_order_from_text(const std::string& text);

}  // namespace npyrace
