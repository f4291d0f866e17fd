#include "reports/text/comparison_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "reports/text/junit.h"
#include "reports/text/table.h"
#include "reports/text/wrap.h"

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
  if (!cell.verdict_changed()) return verdict_text(cell.candidate.verdict);
  return verdict_text(cell.base.verdict) + " > " + verdict_text(cell.candidate.verdict);
}

/// Beyond noise, at the comparison's confidence.
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
                    time_text(cell.candidate.seconds, relative),
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

/// Changed verdicts with the reason of the new one.
std::string changes_text(const Comparison& comparison, const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const CellComparison& cell = comparison.cells[i];
    if (cell.verdict_changed())
      text += wrapped(fmt::format("{}: {}: {}", names[i], verdicts_text(cell),
                                  printable(cell.candidate.reason)),
                      {.others = 2});
  }
  return text.empty() ? "" : text + "\n";
}

bool tells(const Change& change) {
  return change.known && (change.interval.low > 1 || change.interval.high < 1);
}

/// Slowdowns of the median generation, which the low quantile used for the comparison does not
/// show.
std::string rest_text(const Comparison& comparison, const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const CellComparison& cell = comparison.cells[i];
    if (cell.typical && tells(*cell.typical))
      text += wrapped(fmt::format("{}: median generation {} % ({})", names[i],
                                  change_text(*cell.typical), change_interval_text(*cell.typical)),
                      {.others = 2});
    if (cell.slow && cell.slow->grew)
      text +=
          wrapped(fmt::format("{}: {:.0f} % of its generations take over twice the median of both "
                              "sides; before, {:.0f} % did",
                              names[i], 100 * cell.slow->candidate, 100 * cell.slow->base),
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
            {"new", to_json(cell.candidate)}};
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
  if (cell.slow) json["slow_share"] = {{"base", cell.slow->base}, {"new", cell.slow->candidate}};
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

namespace {

std::vector<std::string> names_of(const GateResult& result) {
  std::vector<std::string> names;
  for (const GateCell& cell : result.cells) names.push_back(printable(cell.name));
  return names;
}

const char* colour_of(GateOutcome outcome) {
  if (fails(outcome)) return "\033[31m";
  return outcome == GateOutcome::passed ? "\033[32m" : "\033[33m";
}

void add_change(TableRow& row, const std::optional<Change>& change) {
  row.push_back(change ? change_text(*change) : "-");
  row.push_back(change ? change_interval_text(*change) : "-");
}

std::string table(const GateResult& result, const std::vector<std::string>& names,
                  const TerminalStyle& style) {
  const bool medians = std::ranges::any_of(
      result.cells, [](const GateCell& cell) { return cell.typical.has_value(); });
  std::vector<TableRow> rows{{"cell", "time %", "interval", "gate"}};
  if (medians) rows[0].insert(rows[0].begin() + 3, {"median %", "interval"});
  for (std::size_t i = 0; i < names.size(); ++i) {
    const GateCell& cell = result.cells[i];
    TableRow& row = rows.emplace_back();
    row = {names[i]};
    add_change(row, cell.change);
    if (medians) add_change(row, cell.typical);
    row.push_back(gate_outcome_name(cell.outcome));
  }
  std::string text = aligned_table(rows);
  if (!style.colour) return text;
  for (const GateOutcome outcome :
       {GateOutcome::passed, GateOutcome::lost_safety, GateOutcome::missing,
        GateOutcome::did_not_run, GateOutcome::slower, GateOutcome::drifted,
        GateOutcome::not_proven, GateOutcome::not_measurable, GateOutcome::not_compared}) {
    const std::string word = std::string("  ") + gate_outcome_name(outcome) + "\n";
    const std::string painted =
        fmt::format("  {}{}\033[0m\n", colour_of(outcome), gate_outcome_name(outcome));
    for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += painted.size())
      text.replace(at, word.size(), painted);
  }
  return text;
}

/// The reason and the note; for passed cells the note only.
std::string words_of(const GateCell& cell) {
  if (cell.outcome == GateOutcome::passed || cell.reason.empty()) return cell.note;
  return cell.note.empty() ? cell.reason : fmt::format("{}; {}", cell.reason, cell.note);
}

std::string reasons(const GateResult& result, const std::vector<std::string>& names) {
  constexpr std::size_t kMostUntold = 8;  // limit on listed cells that are not measurable
  std::string text;
  std::size_t undecided = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const GateCell& cell = result.cells[i];
    if (cell.outcome == GateOutcome::not_measurable && ++undecided > kMostUntold) continue;
    const std::string words = words_of(cell);
    if (words.empty()) continue;
    text += wrapped(
        fmt::format("{}: {}: {}", gate_outcome_name(cell.outcome), names[i], printable(words)),
        {.others = 2});
  }
  if (undecided > kMostUntold)
    text += fmt::format("... and {} more; --junit FILE has all\n", undecided - kMostUntold);
  return text.empty() ? "" : "\n" + text;
}

template <typename Holds>
std::size_t count(const GateResult& result, Holds holds) {
  return static_cast<std::size_t>(std::ranges::count_if(
      result.cells, [&](const GateCell& cell) { return holds(cell.outcome); }));
}

std::string last_line(const GateResult& result) {
  const std::size_t failed = count(result, fails);
  const std::size_t undecided = count(result, is_undecided);
  if (result.compared_nothing() && !result.allow_unmeasured)
    return wrapped(
        fmt::format("gate: decided nothing, {} cells are undecided. Measure in rounds "
                    "(--rerun with {{side}}, or --paired), with more repetitions, or --time "
                    "cpu; --allow-unmeasured lets it pass",
                    result.cells.size()),
        {.others = 2});
  std::string text = result.failed()
                         ? fmt::format("gate: failed, {} of {} cells", failed, result.cells.size())
                         : fmt::format("gate: passed, {} of {} cells",
                                       result.cells.size() - undecided, result.cells.size());
  if (undecided > 0) text += fmt::format("; {} undecided", undecided);
  return text + "\n";
}

std::string optional_paragraph(const std::string& text) {
  return text.empty() ? "" : wrapped(printable(text), {.others = 2});
}

JunitOutcome junit_outcome(GateOutcome outcome) {
  if (fails(outcome)) return JunitOutcome::failure;
  return is_undecided(outcome) ? JunitOutcome::skipped : JunitOutcome::passed;
}

/// Escapes as GitHub's runner expects; in properties also colons and commas.
std::string escaped(const std::string& text, bool property) {
  std::string out;
  for (const char c : text)
    if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      out += c;
  return out;
}

}  // namespace

std::string gate_report(const GateResult& result, const TerminalStyle& style) {
  const ShortNames shown = short_names(names_of(result));
  std::string text = wrapped(fmt::format("at most {:.3g} % more time a record; {}",
                                         100 * result.max_slowdown, result.method),
                             {.others = 2});
  if (!shown.common.empty()) text += wrapped("all: " + shown.common, {.others = 2});
  if (!result.cells.empty()) text += "\n" + table(result, shown.names, style);
  text += reasons(result, shown.names) + "\n";
  for (const std::string& name : result.only_new)
    text += wrapped("only in new: " + printable(name), {.others = 2});
  text += not_compared_text(result.not_compared) + optional_paragraph(result.machine);
  return text + optional_paragraph(result.history) + optional_paragraph(result.rerun) +
         last_line(result);
}

std::string gate_junit(const GateResult& result) {
  JunitSuite suite{.name = "npyrace gate", .properties = result.labels};
  for (const GateCell& cell : result.cells) {
    const std::string words = words_of(cell);
    suite.cases.push_back(
        {.class_name = "npyrace.gate",
         .name = cell.name,
         .outcome = junit_outcome(cell.outcome),
         .message =
             words.empty() ? "" : fmt::format("{}: {}", gate_outcome_name(cell.outcome), words)});
  }
  if (result.compared_nothing() && !result.allow_unmeasured)
    suite.cases.push_back({.class_name = "npyrace.gate",
                           .name = "the whole",
                           .outcome = JunitOutcome::failure,
                           .message = "nothing could be told of any cell"});
  return junit_xml(suite);
}

std::string gate_annotations(const GateResult& result) {
  std::string text;
  for (const GateCell& cell : result.cells) {
    if (words_of(cell).empty()) continue;
    text += fmt::format(
        "::{} title={}::{}\n", fails(cell.outcome) ? "error" : "warning",
        escaped(fmt::format("npyrace gate: {}", gate_outcome_name(cell.outcome)), true),
        escaped(fmt::format("{}: {}", printable(cell.name), printable(words_of(cell))), false));
  }
  return text;
}

}  // namespace npyrace
