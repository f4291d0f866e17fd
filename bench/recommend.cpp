#include "bench/recommend.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "bench/strategies/strategy.h"
#include "core/layouts/layout.h"

namespace npyrace {
namespace {

using Cells = std::vector<const CellResult*>;

/// Equal but for the state of the page cache, which users do not control: anybody may read the
/// file.
bool same_way(const CellDescription& a, const CellDescription& b) {
  return std::tie(a.strategy, a.layout, a.align_bytes, a.ownership, a.sync, a.launcher, a.writers,
                  a.mounts, a.records, a.record_bytes) ==
         std::tie(b.strategy, b.layout, b.align_bytes, b.ownership, b.sync, b.launcher, b.writers,
                  b.mounts, b.records, b.record_bytes);
}

/// A cell of the same way, in another state of the page cache, for which `holds`.
template <typename Holds>
const CellResult* sibling(const std::vector<CellResult>& cells, const CellResult& cell,
                          Holds holds) {
  for (const CellResult& other : cells)
    if (same_way(other.cell, cell.cell) && other.cell.cache != cell.cell.cache && holds(other))
      return &other;
  return nullptr;
}

const CellResult* counter_example(const std::vector<CellResult>& cells, const CellResult& cell) {
  return sibling(cells, cell, [](const CellResult& c) { return c.verdict == Verdict::unsafe; });
}

/// Safe cells; those that are safe in every state of the page cache, if there are any.
Cells safe_cells(const std::vector<CellResult>& cells) {
  Cells always;
  Cells sometimes;
  for (const CellResult& cell : cells)
    if (cell.verdict == Verdict::safe)
      (counter_example(cells, cell) == nullptr ? always : sometimes).push_back(&cell);
  return always.empty() ? sometimes : always;
}

/// What the evidence about page caches leaves open.
std::string caveat(const std::vector<CellResult>& cells, const CellResult& chosen) {
  if (const CellResult* counter = counter_example(cells, chosen))
    return "; only as long as nobody reads the file on that node: " + counter->cell.name +
           " is unsafe";
  const bool warm_too =
      chosen.cell.cache == "warm" ||
      sibling(cells, chosen, [](const CellResult& c) { return c.cell.cache == "warm"; }) != nullptr;
  if (chosen.cell.mounts < 2 || warm_too) return "";
  return "; pages that somebody has read before were not raced: add --cache as-is,warm";
}

/// Nobody is told to mix strategies, but if only a mixture was raced it may be what is safe.
int strategy_effort(const std::string& name_or_mixture) {
  int effort = 0;
  for (const StrategyRow* row : find_strategies(name_or_mixture)) effort += row->effort;
  return effort;
}

/// Less is simpler.
int effort(const CellResult& cell) {
  return 10 * find_layout(cell.cell.layout).padded + strategy_effort(cell.cell.strategy);
}

std::string why_nothing(const std::vector<CellResult>& cells) {
  if (cells.empty()) return "nothing was raced";
  const bool damaged = std::ranges::any_of(
      cells, [](const CellResult& cell) { return cell.verdict == Verdict::unsafe; });
  return damaged ? "no cell was safe here" : "no cell says anything about safety; see the reasons";
}

/// One writer that has the records of all is fast because nobody had to bring them: it is only
/// recommended where nothing else was safe.
void prefer_what_starts_apart(Cells& cells) {
  const auto single = [](const CellResult* cell) {
    return find_strategies(cell->cell.strategy).front()->strategy.together() == Together::single;
  };
  if (!std::ranges::all_of(cells, single)) std::erase_if(cells, single);
}

}  // namespace

Recommendation recommend(const std::vector<CellResult>& cells) {
  Cells safe = safe_cells(cells);
  prefer_what_starts_apart(safe);
  if (safe.empty()) return {.why = why_nothing(cells)};
  const CellResult& fastest = **std::ranges::max_element(
      safe, {}, [](const CellResult* cell) { return cell->records_per_second; });
  std::erase_if(safe, [&](const CellResult* cell) {
    return cell->records_per_second_interval.high < fastest.records_per_second;
  });
  const CellResult& chosen = **std::ranges::min_element(safe, {}, [](const CellResult* cell) {
    return std::pair(effort(*cell), cell->cell.align_bytes);
  });
  std::string why = &chosen == &fastest ? "the fastest that is safe"
                                        : "as fast as the fastest that is safe, and simpler";
  return {.cell = chosen.cell.name,
          .why = fmt::format("{}; {}{}", why, chosen.reason, caveat(cells, chosen)),
          .align_bytes = find_layout(chosen.cell.layout).padded ? chosen.cell.align_bytes : 0,
          .numpy = find_strategies(chosen.cell.strategy).front()->numpy};
}

}  // namespace npyrace
