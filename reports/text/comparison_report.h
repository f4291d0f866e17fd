#pragma once
// Two sides, set side by side: for a person at a terminal of 80 columns, and as JSON.

#include <string>

#include "core/result/comparison.h"
#include "reports/text/terminal_report.h"

namespace npyrace {

std::string comparison_report(const Comparison& comparison, const TerminalStyle& style);
/// Ends with a newline. Always valid UTF-8; an interval that says nothing is null.
std::string comparison_json(const Comparison& comparison);

/// "+10.2 %": how much longer it takes; "-", where nothing is known.
std::string change_text(const Change& change);
/// "-1.3 .. +22.0 %"
std::string change_interval_text(const Change& change);

/// What results have besides, in a paragraph; empty for nothing.
std::string not_compared_text(const std::vector<std::string>& words);

// What a gate says: for a person, for a CI server, and as annotations of a GitHub-like log.

/// A table, a line for every cell that did not pass, and the last line begins "gate: ".
std::string gate_report(const GateResult& result, const TerminalStyle& style);

/// One test case a cell: what fails the gate is a failure, what could not be told is skipped, with
/// why.
std::string gate_junit(const GateResult& result);

/// "::error title=…::…" for what fails and "::warning …" for what could not be told.
std::string gate_annotations(const GateResult& result);

}  // namespace npyrace
