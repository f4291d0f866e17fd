#include "bench/recommend.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/strategies/strategy.h"
#include "core/layouts/layout.h"

namespace npyrace {
namespace {

std::vector<const CellResult*> safe_cells(const std::vector<CellResult>& cells) {
  std::vector<const CellResult*> safe;
  for (const CellResult& cell : cells)
    if (cell.verdict == Verdict::safe) safe.push_back(&cell);
  return safe;
}

/// Less is simpler.
int effort(const CellResult& cell) {
  return 10 * find_layout(cell.cell.layout).padded + find_strategy(cell.cell.strategy).effort;
}

std::string why_nothing(const std::vector<CellResult>& cells) {
  const bool damaged = std::ranges::any_of(
      cells, [](const CellResult& cell) { return cell.verdict == Verdict::unsafe; });
  return damaged ? "no cell was safe here" : "no cell says anything about safety; see the reasons";
}

}  // namespace

Recommendation recommend(const std::vector<CellResult>& cells) {
  std::vector<const CellResult*> safe = safe_cells(cells);
  if (safe.empty()) return {.why = why_nothing(cells)};
  const CellResult& fastest = **std::ranges::max_element(
      safe, {}, [](const CellResult* cell) { return cell->records_per_second; });
  std::erase_if(safe, [&](const CellResult* cell) {
    return cell->records_per_second_interval.high < fastest.records_per_second;
  });
  const CellResult& chosen =
      **std::ranges::min_element(safe, {}, [](const CellResult* cell) { return effort(*cell); });
  std::string why = &chosen == &fastest ? "the fastest that is safe"
                                        : "as fast as the fastest that is safe, and simpler";
  return {.cell = chosen.cell.name,
          .why = fmt::format("{}; {}", why, chosen.reason),
          .align_bytes = find_layout(chosen.cell.layout).padded ? chosen.cell.align_bytes : 0,
          .numpy = find_strategy(chosen.cell.strategy).numpy};
}

}  // namespace npyrace
