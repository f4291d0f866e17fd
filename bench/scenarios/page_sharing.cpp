#include "bench/scenarios/page_sharing.h"

namespace npyrace {

Axes page_sharing_axes(std::size_t) {
  return {.strategies = {"mmap", "pwrite"},
          .layouts = {"packed", "padded-record", "padded-block"},
          .ownerships = {"block", "cyclic"},
          .writers = {4},
          .records = 8192,
          .generations = 4,
          .repetitions = 3};
}

}  // namespace npyrace
