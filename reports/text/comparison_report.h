#pragma once
// Comparisons and gates as text for 80 columns, JSON, JUnit XML, and log annotations.

#include <string>

#include "core/result/comparison.h"
#include "reports/text/terminal_report.h"

namespace npyrace {

std::string comparison_report(const Comparison& comparison, const TerminalStyle& style);
/// Ends with a newline. Always valid UTF-8; an unbounded interval is null.
std::string comparison_json(const Comparison& comparison);

/// "+10.2 %": relative change of the time; "-" if unknown.
std::string change_text(const Change& change);
/// "-1.3 .. +22.0 %"
std::string change_interval_text(const Change& change);

/// Parts of the results that are not compared, as a paragraph; empty if there are none.
std::string not_compared_text(const std::vector<std::string>& words);

// Gates.

/// A table and a line for every cell that did not pass; the last line begins with "gate: ".
std::string gate_report(const GateResult& result, const TerminalStyle& style);

/// One test case per cell: failed cells are failures, undecided cells are skipped with the reason.
std::string gate_junit(const GateResult& result);

/// "::error title=…::…" for failures and "::warning …" for undecided cells, as GitHub Actions reads
/// them.
std::string gate_annotations(const GateResult& result);

}  // namespace npyrace
