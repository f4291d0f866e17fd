#pragma once
// Scenario `durability`: what is left of acknowledged records after a power cut.

#include "bench/plan.h"
#include "bench/race/cell_race.h"
#include "core/result.h"

namespace npyrace {

/// On ext4 and XFS, each in a file in the first --dir that is mounted where nobody else sees it:
/// writers with several strategies and sync policies, power cut in the middle, everything read
/// back. Adds an experiment for each. Throws Interrupted, SystemError.
void durability(const RunPlan& plan, const RaceContext& context, RunResult& result);

/// Throws FormatError where the user may not mount, UsageError in a lab.
void check_durability(const RunPlan& plan);

}  // namespace npyrace
