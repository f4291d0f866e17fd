#pragma once
// Scenario `soak`: races random cells until a time limit. Keeps anomalies with the command that
// reproduces the cell, and counts the rest.

#include "bench/plan/plan.h"
#include "bench/race/site.h"
#include "core/result/result.h"

namespace npyrace {

/// Adds an experiment per drawn strategy, one for all, and the cells with losses or failures.
/// Throws Interrupted.
void soak(const RunPlan& plan, const RaceContext& context, RunResult& result);

/// Refuses options that do not apply to random cells of npyrace's own writers. Throws UsageError.
void check_soak(const RunOptions& options, const RunPlan& plan);

}  // namespace npyrace
