#pragma once
// Section of the HTML page for scenarios without cells: experiments and latencies.

#include <string>

#include "core/result/result.h"

namespace npyrace {

/// Each returns HTML; empty if there is nothing to show.
std::string html_experiments(const RunResult& result);
std::string html_latencies(const RunResult& result);

}  // namespace npyrace
