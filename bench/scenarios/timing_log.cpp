#include "bench/scenarios/timing_log.h"

namespace npyrace {

Axes timing_log_axes(std::size_t) {
  return {.strategies = {"mmap", "pwrite"},
          .layouts = {"packed"},
          .ownerships = {"cyclic"},
          .writers = {1440},
          .records = 60000,
          .generations = 1,
          .repetitions = 3};
}

}  // namespace npyrace
