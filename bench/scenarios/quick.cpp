#include "bench/scenarios/quick.h"

namespace npyrace {
namespace {

// 33 pages, all shared, 32 generations, 5 repetitions (between nodes 50 and 3): up to 5000 chances
// a cell for an update to be lost. One that is lost once in a thousand is missed with less than 1 %
// from 4603 on (0.999^4603). Cells with fewer, and nothing lost, are raced further.
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

}  // namespace

// Between nodes it matters how a file is opened and whether anybody has read it before; on one node
// it does not.
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

}  // namespace npyrace
