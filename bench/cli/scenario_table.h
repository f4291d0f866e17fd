#pragma once
// All scenarios: the matrices of bench/plan and the experiments of bench/experiments.

#include <span>

#include "bench/plan/scenario.h"

namespace npyrace {

/// The one table of scenarios; the first is what `run` does when none is named.
std::span<const ScenarioRow> scenario_table();

}  // namespace npyrace
