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

std::string table(const GateResult& result, const std::vector<std::string>& names,
                  const TerminalStyle& style) {
  std::vector<TableRow> rows{{"cell", "time %", "interval", "gate"}};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const GateCell& cell = result.cells[i];
    rows.push_back({names[i], cell.change ? change_text(*cell.change) : "-",
                    cell.change ? change_interval_text(*cell.change) : "-",
                    gate_outcome_name(cell.outcome)});
  }
  std::string text = aligned_table(rows);
  if (!style.colour) return text;
  for (const GateOutcome outcome :
       {GateOutcome::passed, GateOutcome::lost_safety, GateOutcome::slower, GateOutcome::drifted,
        GateOutcome::not_proven, GateOutcome::not_measurable}) {
    const std::string word = std::string("  ") + gate_outcome_name(outcome) + "\n";
    const std::string painted =
        fmt::format("  {}{}\033[0m\n", colour_of(outcome), gate_outcome_name(outcome));
    for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += painted.size())
      text.replace(at, word.size(), painted);
  }
  return text;
}

std::string reasons(const GateResult& result, const std::vector<std::string>& names) {
  constexpr std::size_t kMostUntold = 8;
  std::string text;
  std::size_t untold = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const GateCell& cell = result.cells[i];
    if (cell.outcome == GateOutcome::passed) continue;
    if (!fails(cell.outcome) && ++untold > kMostUntold) continue;
    text += wrapped(fmt::format("{}: {}: {}", gate_outcome_name(cell.outcome), names[i],
                                printable(cell.reason)),
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

bool open(GateOutcome outcome) {
  return outcome == GateOutcome::not_measurable;
}

std::string last_line(const GateResult& result) {
  const std::size_t failed = count(result, fails);
  const std::size_t untold = count(result, open);
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
  return open(outcome) ? JunitOutcome::skipped : JunitOutcome::passed;
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
  text += not_compared_text(result.not_compared);
  return text + optional_paragraph(result.history) + optional_paragraph(result.rerun) +
         last_line(result);
}

std::string gate_junit(const GateResult& result) {
  JunitSuite suite{.name = "npyrace gate", .properties = result.labels};
  for (const GateCell& cell : result.cells) {
    const bool passed = cell.outcome == GateOutcome::passed;
    suite.cases.push_back(
        {.class_name = "npyrace.gate",
         .name = cell.name,
         .outcome = junit_outcome(cell.outcome),
         .message =
             passed ? "" : fmt::format("{}: {}", gate_outcome_name(cell.outcome), cell.reason)});
  }
  return junit_xml(suite);
}

std::string gate_annotations(const GateResult& result) {
  std::string text;
  for (const GateCell& cell : result.cells) {
    if (cell.outcome == GateOutcome::passed) continue;
    text += fmt::format(
        "::{} title={}::{}\n", fails(cell.outcome) ? "error" : "warning",
        escaped(fmt::format("npyrace gate: {}", gate_outcome_name(cell.outcome)), true),
        escaped(fmt::format("{}: {}", printable(cell.name), printable(cell.reason)), false));
  }
  return text;
}

}  // namespace npyrace
