#pragma once
// Many latencies in few numbers.

#include <string>
#include <vector>

#include "core/experiment_result.h"

namespace npyrace {

/// Percentiles are samples themselves, never interpolated: p99 is the smallest that at least 99 %
/// do not exceed. Bars are a fifth of a decade wide, from 10 ns to 10 s; what lies outside has a
/// bar from 0, or to the longest.
LatencyResult summarize_latencies(std::string name, std::vector<double> seconds);

}  // namespace npyrace
