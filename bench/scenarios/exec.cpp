#include "bench/scenarios/exec.h"

namespace npyrace {

// Programs take time to start (a Python with NumPy a fifth of a second): few generations.
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
