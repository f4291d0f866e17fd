#include "bench/scenarios/quick.h"

namespace npyrace {
namespace {

// 33 pages, all shared, 32 generations, 5 repetitions (between nodes 50 and 3): about 5000 chances a
// cell for an update to be lost. One that is lost once in a thousand is then missed with less than
// 1 % (0.999^4603). Where the budget cuts generations the report says what chance is left.
Axes common_axes() {
  return {.strategies = {"mmap", "mmap-window", "pwrite", "pwrite-batch"},
          .layouts = {"packed", "padded-block"},
          .ownerships = {"cyclic"},
          .writers = {4},
          .records = 8192,
          .generations = 32,
          .repetitions = 5,
          .budget_seconds = 45};
}

}  // namespace

// Between nodes it matters how a file is opened and whether anybody has read it before; on one node
// it does not.
Axes quick_axes(std::size_t caches) {
  Axes axes = common_axes();
  if (caches < 2) return axes;
  axes.strategies = {"mmap",          "pwrite",       "pwrite-batch",
                     "pwrite-wronly", "pwrite-dsync", "pwrite-lock"};
  axes.caches = {"as-is", "warm"};
  axes.repetitions = 3;
  axes.generations = 50;
  return axes;
}

}  // namespace npyrace
