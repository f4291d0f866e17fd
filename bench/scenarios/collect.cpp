#include "bench/scenarios/collect.h"

namespace npyrace {

// The pass that brings parts together counts, and so does what is sent to the one that writes.
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

}  // namespace npyrace
