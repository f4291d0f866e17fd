#include "reports/sync_cost_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "reports/experiments_report.h"
#include "reports/wrap.h"

namespace npyrace {
namespace {

/// All but the sync policy.
auto way_of(const CellDescription& cell) {
  return std::tie(cell.scenario, cell.strategy, cell.layout, cell.align_bytes, cell.ownership,
                  cell.cache, cell.launcher, cell.writers, cell.mounts, cell.records,
                  cell.record_bytes, cell.readers);
}

bool timed(const CellResult& cell) {
  return cell.records_per_second > 0 && !cell.seconds.empty();
}

std::string title_of(const CellDescription& cell) {
  std::string text = fmt::format("{}, {}", cell.strategy, cell.layout);
  if (cell.layout != "packed") text += fmt::format(" at {} bytes", cell.align_bytes);
  text += ", " + cell.ownership;
  if (cell.cache != "as-is") text += ", cache " + cell.cache;
  return text + fmt::format(", {} {} writers", cell.writers, cell.launcher);
}

std::string cost_of(const CellResult& cell) {
  const double seconds = static_cast<double>(cell.cell.writers) / cell.records_per_second;
  return fmt::format("{} {}", cell.cell.sync, short_seconds(seconds));
}

}  // namespace

std::vector<std::string> sync_costs(const std::vector<CellResult>& cells) {
  std::vector<std::string> lines;
  for (auto first = cells.begin(); first != cells.end(); ++first) {
    const auto alike = [&](const CellResult& cell) {
      return timed(cell) && way_of(cell.cell) == way_of(first->cell);
    };
    if (!timed(*first) || std::any_of(cells.begin(), first, alike)) continue;
    std::vector<std::string> costs;
    for (auto cell = first; cell != cells.end(); ++cell)
      if (alike(*cell)) costs.push_back(cost_of(*cell));
    if (costs.size() > 1)
      lines.push_back(fmt::format("{}: {}", title_of(first->cell), fmt::join(costs, ", ")));
  }
  return lines;
}

std::string sync_cost_report(const std::vector<CellResult>& cells) {
  std::string text;
  for (const std::string& line : sync_costs(cells))
    text += wrapped("time of a record by sync: " + line, {.others = 2});
  return text.empty() ? "" : "\n" + text;
}

}  // namespace npyrace
