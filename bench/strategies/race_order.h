#pragma once
// When a writer asks for its data to be made safe.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/array/array_map.h"

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

// What every writer of a race must know. Travels to workers as text, so that any launcher, on any
// machine, can carry it.

struct RaceOrder {
  ArrayRequest array;
  std::vector<std::string> paths;       ///< of the one file, through each mount
  std::vector<std::string> strategies;  ///< one, or a mixture: writer w uses number w modulo these
  std::string sync;
  std::string local_dir;  ///< for strategies that store on the node first
  std::uint64_t stamp_seed = 0;
  unsigned generations = 1;

  /// Writer w goes through mount w modulo mounts: neighbours in cyclic ownership then differ.
  const std::string& path_of(std::uint64_t writer) const { return paths[writer % paths.size()]; }
};

/// Every second generation is held: nobody syncs or closes before all have written all. Whatever
/// caches hold back is then certain to meet, which writers that are let run leave to luck; those
/// of the other generations show what happens when one syncs while another writes, and how fast.
inline bool is_held(unsigned generation) {
  return generation % 2 == 0;
}

std::string to_text(const RaceOrder& order);
/// Throws FormatError.
RaceOrder race_order_from_text(const std::string& text);

}  // namespace npyrace
