#include "reports/comparison_report.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "reports/printable.h"
#include "reports/table.h"
#include "reports/wrap.h"

namespace npyrace {
namespace {

using Json = nlohmann::ordered_json;

std::string percent(double ratio) {
  const double change = 100 * (ratio - 1);
  if (ratio >= 11) return fmt::format("x{:.3g}", ratio);
  return fmt::format("{:+.{}f}", change, std::abs(change) < 99.95 ? 1 : 0);
}

std::string verdict_text(const std::optional<Verdict>& verdict) {
  return verdict ? verdict_name(*verdict) : "-";
}

std::string verdicts_text(const CellComparison& cell) {
  if (!cell.verdict_changed()) return verdict_text(cell.fresh.verdict);
  return verdict_text(cell.base.verdict) + " > " + verdict_text(cell.fresh.verdict);
}

/// Beyond what chance does, at the comparison's confidence.
std::string speed_word(const CellComparison& cell) {
  if (!cell.change) return "no times";
  if (!cell.change->known) return "unknown";
  if (cell.change->interval.low > 1) return "slower";
  if (cell.change->interval.high < 1) return "faster";
  return "same";
}

/// Relative times have no unit.
std::string time_text(double seconds, bool relative) {
  if (seconds <= 0) return "-";
  if (relative) return fmt::format("{:.3g}", seconds);
  for (const auto& [unit, size] :
       {std::pair("s", 1.0), std::pair("ms", 1e-3), std::pair("us", 1e-6)})
    if (seconds >= size) return fmt::format("{:.3g} {}", seconds / size, unit);
  return fmt::format("{:.3g} ns", seconds / 1e-9);
}

std::string table(const Comparison& comparison, const std::vector<std::string>& names) {
  const bool relative = !comparison.relative_to.empty();
  std::vector<TableRow> rows{{"cell", "verdict", "base", "new", "time %", "interval", "speed"}};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const CellComparison& cell = comparison.cells[i];
    rows.push_back({names[i], verdicts_text(cell), time_text(cell.base.seconds, relative),
                    time_text(cell.fresh.seconds, relative),
                    cell.change ? change_text(*cell.change) : "-",
                    cell.change ? change_interval_text(*cell.change) : "-", speed_word(cell)});
  }
  return aligned_table(rows);
}

std::string only_text(const char* side, const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += wrapped(fmt::format("only in {}: {}", side, printable(name)), {.others = 2});
  return text;
}

/// Verdicts that changed, with the reason of the new one.
std::string changes_text(const Comparison& comparison, const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const CellComparison& cell = comparison.cells[i];
    if (cell.verdict_changed())
      text += wrapped(
          fmt::format("{}: {}: {}", names[i], verdicts_text(cell), printable(cell.fresh.reason)),
          {.others = 2});
  }
  return text.empty() ? "" : text + "\n";
}

bool tells(const Change& change) {
  return change.known && (change.interval.low > 1 || change.interval.high < 1);
}

/// A slowdown that the quicker generations, by which cells are compared, do not show.
std::string rest_text(const Comparison& comparison, const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const CellComparison& cell = comparison.cells[i];
    if (cell.typical && tells(*cell.typical))
      text += wrapped(fmt::format("{}: median generation {} % ({})", names[i],
                                  change_text(*cell.typical), change_interval_text(*cell.typical)),
                      {.others = 2});
    if (cell.slow && cell.slow->grew)
      text += wrapped(
          fmt::format("{}: {:.0f} % of its times are over twice the median of both sides, and "
                      "{:.0f} % were",
                      names[i], 100 * cell.slow->fresh, 100 * cell.slow->base),
          {.others = 2});
  }
  return text.empty() ? "" : "\n" + text;
}

std::string machine_text(const Comparison& comparison) {
  return comparison.machine.empty() ? ""
                                    : "\n" + wrapped(printable(comparison.machine), {.others = 2});
}

std::string coloured(std::string text, const TerminalStyle& style) {
  if (!style.colour) return text;
  for (const auto& [word, colour] :
       {std::pair(" > unsafe", "\033[31m"), std::pair(" > failed", "\033[31m"),
        std::pair("  slower\n", "\033[31m"), std::pair("  faster\n", "\033[32m")}) {
    const std::string old = word;
    const bool line_end = old.back() == '\n';
    const std::string body = line_end ? old.substr(0, old.size() - 1) : old;
    for (std::size_t at = 0; (at = text.find(old, at)) != std::string::npos;) {
      const std::string painted = colour + body + "\033[0m" + (line_end ? "\n" : "");
      text.replace(at, old.size(), painted);
      at += painted.size();
    }
  }
  return text;
}

std::string introduction(const Comparison& comparison, const std::string& common) {
  std::string what =
      comparison.relative_to.empty()
          ? "time of one record (Google Benchmark: of one iteration)"
          : fmt::format("time relative to {} of the same run", printable(comparison.relative_to));
  return wrapped(fmt::format("{}; {:.3g} % intervals of new / base: {}", what,
                             100 * comparison.confidence, comparison.method),
                 {.others = 2}) +
         (common.empty() ? "" : wrapped("all: " + common, {.others = 2})) + "\n";
}

Json number_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json to_json(const CellSide& side) {
  Json json{{"runs", side.runs}, {"repetitions", side.repetitions}, {"seconds", side.seconds}};
  if (side.verdict) {
    json["verdict"] = verdict_name(*side.verdict);
    json["reason"] = side.reason;
  }
  return json;
}

Json to_json(const CellComparison& cell) {
  Json json{{"name", cell.name},
            {"verdict_changed", cell.verdict_changed()},
            {"speed", speed_word(cell)},
            {"base", to_json(cell.base)},
            {"new", to_json(cell.fresh)}};
  if (cell.change) {
    json["time_ratio"] = cell.change->ratio;
    json["time_ratio_interval"] = {number_or_null(cell.change->interval.low),
                                   number_or_null(cell.change->interval.high)};
  }
  if (cell.typical) {
    json["median_ratio"] = cell.typical->ratio;
    json["median_ratio_interval"] = {number_or_null(cell.typical->interval.low),
                                     number_or_null(cell.typical->interval.high)};
  }
  if (cell.slow) json["slow_share"] = {{"base", cell.slow->base}, {"new", cell.slow->fresh}};
  return json;
}

}  // namespace

std::string change_text(const Change& change) {
  return percent(change.ratio);
}

std::string change_interval_text(const Change& change) {
  if (!change.known) return "unknown";
  return fmt::format("{} .. {}", percent(change.interval.low), percent(change.interval.high));
}

std::string not_compared_text(const std::vector<std::string>& words) {
  if (words.empty()) return "";
  return wrapped(
      fmt::format("not compared: {}", printable(fmt::format("{}", fmt::join(words, ", ")))),
      {.others = 2});
}

std::string comparison_report(const Comparison& comparison, const TerminalStyle& style) {
  std::vector<std::string> names;
  for (const CellComparison& cell : comparison.cells) names.push_back(printable(cell.name));
  const ShortNames shown = short_names(names);
  const std::string cells = names.empty() ? "no cell is on both sides\n"
                                          : changes_text(comparison, shown.names) +
                                                table(comparison, shown.names) +
                                                rest_text(comparison, shown.names);
  const std::string only = only_text("base", comparison.only_base) +
                           only_text("new", comparison.only_new) +
                           not_compared_text(comparison.not_compared);
  return coloured(introduction(comparison, shown.common) + cells + machine_text(comparison),
                  style) +
         (only.empty() ? "" : "\n" + only);
}

std::string comparison_json(const Comparison& comparison) {
  Json json{{"confidence", comparison.confidence},
            {"relative_to", comparison.relative_to},
            {"method", comparison.method},
            {"cells", Json::array()},
            {"only_base", comparison.only_base},
            {"only_new", comparison.only_new},
            {"not_compared", comparison.not_compared},
            {"machine", comparison.machine}};
  for (const CellComparison& cell : comparison.cells) json["cells"].push_back(to_json(cell));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace npyrace
