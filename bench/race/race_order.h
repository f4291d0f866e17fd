#pragma once
// What every writer of a race must know. Travels to workers as text, so that any launcher, on any
// machine, can carry it.

#include <cstdint>
#include <string>
#include <vector>

#include "core/array_map.h"

namespace npyrace {

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
