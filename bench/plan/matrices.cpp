#include "bench/plan/matrices.h"

#include <algorithm>
#include <thread>

#include "core/result/attribution.h"

namespace npyrace {
namespace {

// 33 shared pages, 32 generations and 5 repetitions (between nodes 50 and 3) give up to 5000 trials
// per cell. If one update in 1000 is lost, the probability of missing it is below 1 % from 4603
// trials (0.999^4603). Safe cells with fewer trials are raced further.
Axes common_axes() {
  return {.strategies = {"mmap", "mmap-window", "pwrite", "pwrite-batch"},
          .layouts = {"packed", "padded-block"},
          .ownerships = {"cyclic"},
          .writers = {4},
          .records = 8192,
          .generations = 32,
          .repetitions = 5,
          .budget_seconds = 45,
          .further_seconds = 15};
}

constexpr std::uint64_t kSmallestAlignment = 64;

/// Clusters start more writers than a node has cores, and throughput of a file system may still
/// grow.
constexpr std::uint64_t kFewestAtLast = 8;

std::vector<std::uint64_t> numbers_of_writers() {
  const std::uint64_t last =
      std::max<std::uint64_t>(kFewestAtLast, std::thread::hardware_concurrency());
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t writers = 1; writers < last; writers *= 2) numbers.push_back(writers);
  numbers.push_back(last);
  return numbers;
}

}  // namespace

// Between nodes it matters how a file is opened and whether it was read before; on one node it does
// not.
Axes quick_axes(std::size_t caches) {
  Axes axes = common_axes();
  if (caches < 2) return axes;
  axes.strategies = {"mmap",         "pwrite",      "pwrite-batch",   "pwrite-wronly",
                     "pwrite-dsync", "pwrite-lock", "file-per-writer"};
  axes.caches = {"as-is", "warm"};
  axes.repetitions = 3;
  axes.generations = 50;
  axes.further_seconds = 300;
  return axes;
}

Axes timing_log_axes(std::size_t) {
  return {.strategies = {"mmap", "pwrite"},
          .layouts = {"packed"},
          .ownerships = {"cyclic"},
          .writers = {1440},
          .records = 60000,
          .generations = 1,
          .repetitions = 3};
}

Axes page_sharing_axes(std::size_t) {
  return {.strategies = {"mmap", "pwrite"},
          .layouts = {"packed", "padded-record", "padded-block"},
          .ownerships = {"block", "cyclic"},
          .writers = {4},
          .records = 8192,
          .generations = 4,
          .repetitions = 3};
}

// Every record has its own unit, and neighbouring records belong to different nodes, so that any
// unit of the file system larger than the alignment is shared. Large alignments get fewer records,
// to bound the file size.
Axes granularity_axes(std::size_t) {
  Axes axes{.strategies = {"mmap", "pwrite"},
            .layouts = {"packed", "padded-record"},
            .ownerships = {"cyclic"},
            .writers = {4},
            .records = 4096,
            .generations = 16,
            .repetitions = 3,
            .budget_seconds = 60,
            .most_file_bytes = 32 << 20};
  for (std::uint64_t bytes = kSmallestAlignment; bytes <= kLargestUnitBytes; bytes *= 2)
    axes.aligns_bytes.push_back(bytes);
  return axes;
}

// A sync may take milliseconds and a record microseconds: few records, so that a sync after each of
// them takes seconds in total.
Axes sync_cost_axes(std::size_t) {
  return {.strategies = {"mmap", "mmap-msync-page", "pwrite", "pwrite-dsync"},
          .layouts = {"packed", "padded-block"},
          .ownerships = {"block"},
          .syncs = {"none", "end", "every:16", "record"},
          .writers = {4},
          .records = 1024,
          .generations = 4,
          .repetitions = 3,
          .budget_seconds = 60};
}

// The total number of records is constant: more writers have fewer each. Six repetitions are the
// minimum for a 95 % interval of the median.
Axes scaling_axes(std::size_t) {
  return {.strategies = {"mmap", "pwrite"},
          .layouts = {"packed", "padded-block"},
          .ownerships = {"cyclic"},
          .writers = numbers_of_writers(),
          .records = 65536,
          .generations = 8,
          .repetitions = 6,
          .budget_seconds = 60};
}

// Times include the collection of parts and the transfer to a single writer.
Axes collect_axes(std::size_t) {
  return {.strategies = {"mmap", "pwrite", "pwrite-batch", "file-per-writer",
                         "file-per-writer-reflink", "local-then-copy", "collector", "single"},
          .layouts = {"packed", "padded-block"},
          .ownerships = {"block"},
          .writers = {8},
          .records = 262144,
          .generations = 4,
          .repetitions = 3,
          .budget_seconds = 60};
}

// Starting a program takes time (Python with NumPy about 0.2 s), so there are few generations.
Axes exec_axes(std::size_t) {
  return {.strategies = {"exec"},
          .layouts = {"packed", "padded-block"},
          .ownerships = {"cyclic"},
          .launchers = {"exec"},
          .writers = {4},
          .records = 8192,
          .generations = 3,
          .repetitions = 3};
}

}  // namespace npyrace
