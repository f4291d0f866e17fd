#include "bench/scenarios/sync_cost.h"

namespace npyrace {

// A sync may take milliseconds, a record microseconds: few records, so that a sync for each of them
// ends in seconds.
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

}  // namespace npyrace
