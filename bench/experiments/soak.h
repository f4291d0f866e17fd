#pragma once
// Scenario `soak`: random cells until time is up. What went wrong is kept, with the command that
// races it again; what did not is counted.

#include "bench/plan/plan.h"
#include "bench/race/cell_race.h"
#include "core/result/result.h"

namespace npyrace {

/// Adds an experiment for every strategy that was drawn, one for all of them, and the cells that
/// lost something or failed. Throws Interrupted.
void soak(const RunPlan& plan, const RaceContext& context, RunResult& result);

/// Options that have nothing to do with random cells of our own writers. Throws UsageError.
void check_soak(const RunPlan& plan);

}  // namespace npyrace
