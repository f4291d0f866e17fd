#pragma once
// Which options go with scenarios that have experiments.

#include <vector>

#include "bench/plan.h"
#include "bench/scenarios/scenario.h"

namespace npyrace {

/// Experiments have no matrix: options that would change one are refused, unless cells of other
/// scenarios take them. Asks every scenario's own check, too. Throws as that does, and UsageError.
void check_experiments(const std::vector<const ScenarioRow*>& scenarios, const RunPlan& plan);

}  // namespace npyrace
