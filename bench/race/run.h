#pragma once
// Executes a whole plan: races all cells, runs the experiments, and assembles the RunResult.

#include "bench/plan/plan.h"
#include "bench/race/site.h"
#include "core/os/exit_code.h"
#include "core/result/result.h"

namespace npyrace {

/// After an interrupt returns the results measured so far.
RunResult execute(const RunPlan& plan, const Site& site);

/// `unsafe` takes precedence over `trouble`: a failed cell, a failed experiment, or a failed row of
/// the semantics passport. Inconclusive and skipped results are `fine`, and so is a failed
/// reference measurement: it concerns no record of the user.
ExitCode exit_code_of(const RunResult& result);

}  // namespace npyrace
