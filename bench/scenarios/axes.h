#pragma once
// The axes of a matrix of cells, as names: what a scenario is, and what options override.

#include <cstdint>
#include <string>
#include <vector>

namespace npyrace {

struct Axes {
  std::vector<std::string> strategies{"mmap", "pwrite"};
  std::vector<std::string> layouts{"packed"};
  std::vector<std::uint64_t> aligns_bytes;  ///< empty: the page size
  std::vector<std::string> ownerships{"cyclic"};
  std::vector<std::string> syncs{"end"};
  std::vector<std::string> launchers{"process"};
  std::vector<std::string> caches{"as-is"};
  std::vector<std::uint64_t> writers{4};
  std::uint64_t records = 8192;
  std::uint64_t generations = 8;
  std::uint64_t repetitions = 3;
  /// What the whole scenario should take: a slow file system gets fewer generations, never fewer
  /// records. 0: no matter.
  double budget_seconds = 0;
  /// What may be spent beyond that, to race on where nothing was lost and a rare loss would still
  /// be missed. 0: nothing.
  double further_seconds = 0;
  /// Cells whose padding makes their file larger get fewer records, as far as 16. 0: no matter.
  std::uint64_t most_file_bytes = 0;
};

}  // namespace npyrace
