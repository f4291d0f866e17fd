#pragma once
// Axes of a matrix of cells, by name, and their values for the built-in scenarios; options override
// single axes.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace npyrace {

struct Axes {
  std::vector<std::string> strategies{"mmap", "pwrite"};
  std::vector<std::string> layouts{"packed"};
  std::vector<std::uint64_t> aligns_bytes;  ///< empty: the page size, or on Lustre the stripe
  std::vector<std::string> ownerships{"cyclic"};
  std::vector<std::string> syncs{"end"};
  std::vector<std::string> launchers{"process"};
  std::vector<std::string> caches{"as-is"};
  std::vector<std::uint64_t> writers{4};
  std::uint64_t records = 8192;
  std::uint64_t generations = 8;
  std::uint64_t repetitions = 3;
  /// Time limit of the whole scenario. On a slow file system the number of generations is reduced,
  /// never the number of records. 0: no limit.
  double budget_seconds = 0;
  /// Additional time for more trials in cells where no loss was seen but a rare loss could still be
  /// missed. 0: none.
  double further_seconds = 0;
  /// Upper bound on the file size: cells with padding get fewer records, but at least 16. 0: no
  /// bound.
  std::uint64_t most_file_bytes = 0;
};

// Matrices of the named scenarios. `caches` is the number of page caches behind --dir.

/// The default: which strategies are safe here, and how fast they are.
Axes quick_axes(std::size_t caches);
/// Reproduces a report from a mailing list: 1440 queue jobs write 60 000 (start, finish) pairs to
/// one file.
Axes timing_log_axes(std::size_t caches);
/// Cost of sharing pages, and the effect of padding.
Axes page_sharing_axes(std::size_t caches);
/// Required distance between records: a sweep of alignments.
Axes granularity_axes(std::size_t caches);
/// Cost of frequent syncs.
Axes sync_cost_axes(std::size_t caches);
/// Throughput against the number of writers, and where it stops growing.
Axes scaling_axes(std::size_t caches);
/// One shared file against per-writer files that are collected, each measured until one np.load can
/// read everything.
Axes collect_axes(std::size_t caches);
/// The user's program as the writer: the default of `run --exec`.
Axes exec_axes(std::size_t caches);

}  // namespace npyrace
