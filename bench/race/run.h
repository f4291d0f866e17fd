#pragma once
// A whole run: every cell of a plan, raced, judged, and put together.

#include "bench/exit_code.h"
#include "bench/plan.h"
#include "bench/race/cell_race.h"
#include "core/result.h"

namespace npyrace {

/// Throws Interrupted.
RunResult execute(const RunPlan& plan, const RaceContext& context);

/// Unsafe wins over trouble; inconclusive and skipped are fine.
ExitCode exit_code_of(const RunResult& result);

}  // namespace npyrace
