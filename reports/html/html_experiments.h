#pragma once
// The part of the page for scenarios that race no cells: what happened in each experiment, and how
// long things took.

#include <string>

#include "core/result/result.h"

namespace npyrace {

/// HTML; empty where there are none.
std::string html_experiments(const RunResult& result);
std::string html_latencies(const RunResult& result);

}  // namespace npyrace
