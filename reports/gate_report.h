#pragma once
// What a gate says: for a person, for a CI server, and as annotations of a GitHub-like log.

#include <string>

#include "core/comparison.h"
#include "reports/terminal_report.h"

namespace npyrace {

/// A table, a line for every cell that did not pass, and the last line begins "gate: ".
std::string gate_report(const GateResult& result, const TerminalStyle& style);

/// One test case a cell: what fails the gate is a failure, what could not be told is skipped, with
/// why.
std::string gate_junit(const GateResult& result);

/// "::error title=…::…" for what fails and "::warning …" for what could not be told.
std::string gate_annotations(const GateResult& result);

}  // namespace npyrace
