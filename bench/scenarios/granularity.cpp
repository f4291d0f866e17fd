#include "bench/scenarios/granularity.h"

#include "core/attribution.h"

namespace npyrace {
namespace {

constexpr std::uint64_t kSmallestAlignment = 64;

}  // namespace

// Every record is a unit of its own and every neighbour another node's, so that whatever is larger
// than the alignment is shared. Large alignments get fewer records: the file stays small.
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

}  // namespace npyrace
