#include "bench/scenarios/scaling.h"

#include <algorithm>
#include <thread>

namespace npyrace {
namespace {

/// Clusters start more writers than a node has cores, and file systems may gain from that.
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

// The same records for all: more writers have less each. Six repetitions are the fewest of which
// an interval of the median has 95 %.
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

}  // namespace npyrace
