#pragma once
// The axes of a matrix of cells, as names: what a scenario is, and what options override.

#include <cstddef>
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

// The matrices of cells that named scenarios race. Each gets the number of page caches behind
// --dir.

/// The first question: what is safe here, and what is fast.
Axes quick_axes(std::size_t caches);
/// The case of the mailing-list thread: 1440 queue jobs, 60 000 (start, finish) pairs, one file.
Axes timing_log_axes(std::size_t caches);
/// What sharing pages costs, and what padding does about it.
Axes page_sharing_axes(std::size_t caches);
/// How far apart records must lie: a sweep of alignments.
Axes granularity_axes(std::size_t caches);
/// What it costs to ask for safety often.
Axes sync_cost_axes(std::size_t caches);
/// What more writers bring, and where they stop to.
Axes scaling_axes(std::size_t caches);
/// One shared file, or something else first: all to the moment when one np.load reads everything.
Axes collect_axes(std::size_t caches);
/// Your own program as the writer: what `run --exec` races when no scenario is named.
Axes exec_axes(std::size_t caches);

}  // namespace npyrace
