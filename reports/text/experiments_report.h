#pragma once
// Experiments as tables, one a scenario.

#include <string>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// "1.5 us", "20 ms": three digits.
std::string short_seconds(double seconds);

/// For a terminal of 80 columns: a table of verdicts and counts, one of latencies where there are
/// some, and a paragraph for each experiment that did not simply work. Empty for none.
std::string experiments_report(const std::vector<ExperimentResult>& experiments);

/// The same in Markdown.
std::string experiments_markdown(const std::vector<ExperimentResult>& experiments);

}  // namespace npyrace
