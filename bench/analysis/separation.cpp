#include "bench/analysis/separation.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace npyrace {
namespace {

/// The axes other than layout and alignment.
auto way_of(const CellDescription& cell) {
  return std::tie(cell.strategy, cell.cache, cell.sync, cell.launcher, cell.writers);
}

auto way_of(const Separation& separation) {
  return std::tie(separation.strategy, separation.cache, separation.sync, separation.launcher,
                  separation.writers);
}

/// Maps an alignment to whether every cell with it was safe; packed is alignment 0.
using Seen = std::map<std::uint64_t, bool>;

Seen look(const std::vector<CellResult>& cells, const CellDescription& way) {
  Seen seen;
  for (const CellResult& cell : cells) {
    if (way_of(cell.cell) != way_of(way)) continue;
    if (cell.verdict != Verdict::safe && cell.verdict != Verdict::unsafe) continue;
    const bool padded = cell.cell.padded();
    const auto [place, fresh] = seen.emplace(padded ? cell.cell.align_bytes : 0, true);
    place->second = place->second && cell.verdict == Verdict::safe;
  }
  return seen;
}

Separation summarize(const CellDescription& way, const Seen& seen) {
  Separation result{.strategy = way.strategy,
                    .cache = way.cache,
                    .sync = way.sync,
                    .launcher = way.launcher,
                    .writers = way.writers};
  for (const auto& [align_bytes, safe] : seen) {
    if (align_bytes == 0) {
      result.packed_safe = safe;
      continue;
    }
    ++result.alignments;
    if (!safe) {
      result.unsafe_up_to_bytes = align_bytes;
      result.safe_from_bytes = 0;
    } else if (result.safe_from_bytes == 0) {
      result.safe_from_bytes = align_bytes;
    }
  }
  // Safe packed cells beside unsafe padded ones are coincidence.
  result.packed_safe = result.packed_safe && result.unsafe_up_to_bytes == 0;
  return result;
}

}  // namespace

std::vector<Separation> separations(const std::vector<CellResult>& cells) {
  std::vector<Separation> all;
  for (const CellResult& cell : cells) {
    const bool known = std::ranges::any_of(
        all, [&](const Separation& other) { return way_of(other) == way_of(cell.cell); });
    const Seen seen = look(cells, cell.cell);
    if (!known && seen.size() > 1) all.push_back(summarize(cell.cell, seen));
  }
  return all;
}

void confirm_attributions(std::vector<CellResult>& cells,
                          const std::vector<Separation>& separations) {
  for (CellResult& cell : cells) {
    if (cell.attribution.damaged == 0) continue;
    for (const Separation& separation : separations)
      if (way_of(separation) == way_of(cell.cell)) {
        cell.attribution.separating_bytes = separation.safe_from_bytes;
        cell.attribution.failing_bytes = separation.unsafe_up_to_bytes;
      }
  }
}

}  // namespace npyrace
