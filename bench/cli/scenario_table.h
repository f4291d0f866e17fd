#pragma once
// The table of all scenarios: matrices from bench/plan and experiments from bench/experiments.

#include <span>

#include "bench/plan/scenario.h"

namespace npyrace {

/// The one table of scenarios; the first is the default of `run`.
std::span<const ScenarioRow> scenario_table();

}  // namespace npyrace
