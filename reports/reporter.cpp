#include "reports/reporter.h"

#include "core/base/table.h"
#include "reports/html/html_report.h"
#include "reports/html/html_watch.h"
#include "reports/json/json_report.h"
#include "reports/json/watch_fields.h"
#include "reports/text/csv_report.h"
#include "reports/text/junit.h"
#include "reports/text/markdown_report.h"
#include "reports/text/verify_report.h"
#include "reports/text/watch_report.h"

namespace npyrace {
namespace {

/// Results of verify contain no races, so there is no table to compare cells.
std::string for_terminal(const RunResult& result, const TerminalStyle& style) {
  return result.scenarios.empty() ? verify_report(result) : terminal_report(result, style);
}

constexpr ReporterRow kReporters[] = {
    {"terminal", "what run and verify print", for_terminal, watch_report},
    {"json", "the result itself, as this version writes it",
     [](const RunResult& result, const TerminalStyle&) { return json_report(result); }, watch_json},
    {"html", "one page with charts that opens offline, in any browser",
     [](const RunResult& result, const TerminalStyle&) { return html_report(result); }, html_watch},
    {"markdown", "a table for a merge request or an issue",
     [](const RunResult& result, const TerminalStyle&) { return markdown_report(result); }},
    {"csv", "one line per cell, for spreadsheets and data frames",
     [](const RunResult& result, const TerminalStyle&) { return csv_report(result); }},
    {"junit", "one test case per cell, for CI servers",
     [](const RunResult& result, const TerminalStyle&) { return junit_report(result); },
     watch_junit},
};

}  // namespace

std::span<const ReporterRow> reporter_table() {
  return kReporters;
}

const ReporterRow& find_reporter(std::string_view name) {
  return find_row("format", name, reporter_table());
}

}  // namespace npyrace
