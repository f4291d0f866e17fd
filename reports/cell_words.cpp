#include "reports/cell_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

namespace npyrace {
namespace {

const std::vector<CellAxis>& axes() {
  static const std::vector<CellAxis> all{
      {"strategy", [](const CellDescription& c) { return c.strategy; }},
      {"layout", [](const CellDescription& c) { return c.layout; }},
      {"align", [](const CellDescription& c) { return std::to_string(c.align_bytes); }, " bytes"},
      {"ownership", [](const CellDescription& c) { return c.ownership; }},
      {"sync", [](const CellDescription& c) { return c.sync; }},
      {"launcher", [](const CellDescription& c) { return c.launcher; }},
      {"cache", [](const CellDescription& c) { return c.cache; }},
      {"writers", [](const CellDescription& c) { return std::to_string(c.writers); }},
      {"records", [](const CellDescription& c) { return std::to_string(c.records); }},
      {"record", [](const CellDescription& c) { return std::to_string(c.record_bytes); }, " bytes"},
      {"generations", [](const CellDescription& c) { return std::to_string(c.generations); }},
  };
  return all;
}

bool varies(const CellAxis& axis, const std::vector<CellResult>& cells) {
  return std::ranges::any_of(cells, [&](const CellResult& cell) {
    return axis.text(cell.cell) != axis.text(cells.front().cell);
  });
}

}  // namespace

std::vector<CellAxis> shown_axes(const std::vector<CellResult>& cells) {
  std::vector<CellAxis> chosen(axes().begin(), axes().begin() + 2);
  std::copy_if(axes().begin() + 2, axes().end(), std::back_inserter(chosen),
               [&](const CellAxis& axis) { return varies(axis, cells); });
  return chosen;
}

std::string common_axes(const std::vector<CellResult>& cells) {
  std::vector<std::string> words;
  for (auto axis = axes().begin() + 2; axis != axes().end(); ++axis)
    if (!varies(*axis, cells))
      words.push_back(
          fmt::format("{} {}{}", axis->title, axis->text(cells.front().cell), axis->unit));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string cell_title(const CellResult& cell, const std::vector<CellAxis>& chosen) {
  std::vector<std::string> words;
  for (const CellAxis& axis : chosen) words.push_back(axis.text(cell.cell));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string anomaly_words(const CellResult& cell, const std::string& unchecked) {
  // Whatever it came to before it broke off, the cell says nothing of its records.
  const bool broke_off = cell.verdict == Verdict::failed || cell.verdict == Verdict::skipped;
  std::vector<std::string> words;
  for (const AnomalyRow& row : anomaly_table())
    if (cell.anomalies[row.anomaly] > 0)
      words.push_back(fmt::format("{} {}", cell.anomalies[row.anomaly], row.name));
  if (cell.unwritten > 0 && !broke_off)
    words.push_back(fmt::format("{} unwritten", cell.unwritten));
  if (words.empty()) return cell.evidence.records_checked > 0 && !broke_off ? "none" : unchecked;
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string chance_words(double share) {
  if (share < 0.0001) return "less than 0.01 %";
  return fmt::format("{:.{}f} %", 100 * share, share < 0.1 ? 2 : 0);
}

}  // namespace npyrace
