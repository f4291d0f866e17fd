#include "reports/gate_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/comparison_report.h"
#include "reports/junit.h"
#include "reports/printable.h"
#include "reports/table.h"
#include "reports/wrap.h"

namespace npyrace {
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

/// The reason and what is said beside it; of what passed only that.
std::string words_of(const GateCell& cell) {
  if (cell.outcome == GateOutcome::passed || cell.reason.empty()) return cell.note;
  return cell.note.empty() ? cell.reason : fmt::format("{}; {}", cell.reason, cell.note);
}

std::string reasons(const GateResult& result, const std::vector<std::string>& names) {
  constexpr std::size_t kMostUntold = 8;  // of those that are not measurable; the rest is named
  std::string text;
  std::size_t untold = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const GateCell& cell = result.cells[i];
    if (cell.outcome == GateOutcome::not_measurable && ++untold > kMostUntold) continue;
    const std::string words = words_of(cell);
    if (words.empty()) continue;
    text += wrapped(
        fmt::format("{}: {}: {}", gate_outcome_name(cell.outcome), names[i], printable(words)),
        {.others = 2});
  }
  if (untold > kMostUntold)
    text += fmt::format("... and {} more; --junit FILE has all\n", untold - kMostUntold);
  return text.empty() ? "" : "\n" + text;
}

template <typename Holds>
std::size_t count(const GateResult& result, Holds holds) {
  return static_cast<std::size_t>(std::ranges::count_if(
      result.cells, [&](const GateCell& cell) { return holds(cell.outcome); }));
}

std::string last_line(const GateResult& result) {
  const std::size_t failed = count(result, fails);
  const std::size_t untold = count(result, is_untold);
  if (result.told_nothing() && !result.allow_unmeasured)
    return wrapped(
        fmt::format("gate: told nothing, 0 of {} cells; {} could not be told. Measure in rounds "
                    "(--rerun with {{side}}, or --paired), with more repetitions, or --time "
                    "cpu; --allow-unmeasured lets it pass",
                    result.cells.size(), untold),
        {.others = 2});
  std::string text = result.failed()
                         ? fmt::format("gate: failed, {} of {} cells", failed, result.cells.size())
                         : fmt::format("gate: passed, {} of {} cells", result.cells.size() - untold,
                                       result.cells.size());
  if (untold > 0) text += fmt::format("; {} could not be told", untold);
  return text + "\n";
}

std::string optional_paragraph(const std::string& text) {
  return text.empty() ? "" : wrapped(printable(text), {.others = 2});
}

JunitOutcome junit_outcome(GateOutcome outcome) {
  if (fails(outcome)) return JunitOutcome::failure;
  return is_untold(outcome) ? JunitOutcome::skipped : JunitOutcome::passed;
}

/// As GitHub's runner decodes it; in properties colons and commas, too.
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
  if (result.told_nothing() && !result.allow_unmeasured)
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
