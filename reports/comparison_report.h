#pragma once
// Two sides, set side by side: for a person at a terminal of 80 columns, and as JSON.

#include <string>

#include "core/comparison.h"
#include "reports/terminal_report.h"

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

}  // namespace npyrace
