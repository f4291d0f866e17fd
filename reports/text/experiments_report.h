#pragma once
// Experiments as tables, one per scenario.

#include <string>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// Formats "1.5 us", "20 ms": three significant digits.
std::string short_seconds(double seconds);

/// For a terminal of 80 columns: a table of verdicts and counts, a table of latencies if there are
/// any, and a paragraph for each experiment that is not safe. Empty if there are none.
std::string experiments_report(const std::vector<ExperimentResult>& experiments);

/// The same in Markdown.
std::string experiments_markdown(const std::vector<ExperimentResult>& experiments);

}  // namespace npyrace
