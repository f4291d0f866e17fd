#pragma once
// A whole run: every cell of a plan, raced, judged, and put together.

#include "bench/plan/plan.h"
#include "bench/race/cell_race.h"
#include "core/os/exit_code.h"
#include "core/result/result.h"

namespace npyrace {

/// After an interrupt: what was measured until then.
RunResult execute(const RunPlan& plan, RaceContext context);

/// Unsafe wins over trouble, an experiment that failed is trouble; inconclusive and skipped are
/// fine. A reference that could not be measured is told, and no trouble: no record of the user's
/// was concerned.
ExitCode exit_code_of(const RunResult& result);

}  // namespace npyrace
