#pragma once
// Scenario `first-touch`: latency of the first and second access to each page of a file.

#include <string>
#include <vector>

#include "bench/plan/plan.h"
#include "bench/race/site.h"
#include "core/result/result.h"

namespace npyrace {

/// Percentiles are order statistics without interpolation: p99 is the smallest sample that at least
/// 99 % do not exceed. Histogram bins are a fifth of a decade wide, from 10 ns to 10 s; smaller
/// samples share one bin from 0, larger ones a bin up to the maximum.
LatencyResult summarize_latencies(std::string name, std::vector<double> seconds);

// The scenario.

/// One process accesses every page of one file in the first --dir twice, in random order, 8 bytes
/// each by pwrite, pread or a mapping, and times each access. Adds an experiment per kind of
/// access, reading and writing, with a dropped and with a filled page cache. Throws Interrupted,
/// SystemError.
void first_touch(const RunPlan& plan, const RaceContext& context, RunResult& result);

}  // namespace npyrace
