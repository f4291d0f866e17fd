#pragma once
// Finds the parts of a file that two processes both wrote, and judges whether data can be lost.
// Pure.

#include <cstdint>
#include <vector>

#include "bench/watch/accesses.h"
#include "bench/watch/consistency.h"
#include "core/result/watch.h"

namespace npyrace::watch {

/// Maximum number of listed hazards; further ones are only counted.
inline constexpr std::size_t kMostHazards = 1000;

struct HazardRules {
  Consistency consistency;
  /// Clocks of two nodes differ by at most this. Sessions on one boot are compared exactly.
  double clock_error_seconds = 1;
  /// Unit in which the file system locks or stores, above the page size; 0: none is known.
  std::uint64_t unit_bytes = 0;
};

/// Fills `hazards` and `advice` of the file from its accesses.
void find_hazards(AccessedFile& accessed, const HazardRules& rules);

}  // namespace npyrace::watch
