#pragma once
// Many latencies in few numbers.

#include <string>
#include <vector>

#include "bench/plan/plan.h"
#include "bench/race/cell_race.h"
#include "core/result/result.h"

namespace npyrace {

/// Percentiles are samples themselves, never interpolated: p99 is the smallest that at least 99 %
/// do not exceed. Bars are a fifth of a decade wide, from 10 ns to 10 s; what lies outside has a
/// bar from 0, or to the longest.
LatencyResult summarize_latencies(std::string name, std::vector<double> seconds);

// Scenario `first-touch`: how long an access to a page takes, the first time and later.

/// One process, one file in the first --dir, every page of it touched once and then once more, in
/// random order, each access timed by itself: 8 bytes by pwrite or pread, or through a mapping.
/// Adds an experiment for each of them, writing and reading, after dropping the file's cached pages
/// and after reading them. Throws Interrupted, SystemError.
void first_touch(const RunPlan& plan, const RaceContext& context, RunResult& result);

}  // namespace npyrace
