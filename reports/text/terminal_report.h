#pragma once
// The result for a terminal of 80 columns: a table of cells, anomalies, and one recommendation.

#include <string>

#include "core/result/result.h"

namespace npyrace {

struct TerminalStyle {
  bool colour = false;
};

std::string terminal_report(const RunResult& result, const TerminalStyle& style);

/// "12.3 M", "950 k", "7": three significant digits.
std::string short_number(double value);

}  // namespace npyrace
