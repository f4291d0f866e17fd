#include "bench/scenarios/quick.h"

namespace npyrace {

// 32 pages, all shared, 32 generations, 5 repetitions: 5120 chances a cell for an update to be
// lost. One that is lost once in a thousand is then missed with less than 1 % (0.999^5120 = 0.6 %).
Axes quick_axes() {
  return {.strategies = {"mmap", "mmap-window", "pwrite", "pwrite-batch"},
          .layouts = {"packed", "padded-block"},
          .ownerships = {"cyclic"},
          .writers = {4},
          .records = 8192,
          .generations = 32,
          .repetitions = 5,
          .budget_seconds = 45};
}

}  // namespace npyrace
