#pragma once
// Scenario `create-race`: who creates the file? Which ways lose records, on one node and on two.

#include "bench/plan.h"
#include "bench/race/cell_race.h"
#include "core/result.h"

namespace npyrace {

/// Each way is tried with one writer stopped before each of its steps in turn while another does
/// all of its own, and with four writers that are let run. Adds an experiment for each way on one
/// node, and between nodes where there are several. Throws Interrupted, SystemError.
void create_race(const RunPlan& plan, const RaceContext& context, RunResult& result);

}  // namespace npyrace
