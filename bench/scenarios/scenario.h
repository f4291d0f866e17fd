#pragma once
// Named matrices of cells, and named experiments. One row and one file pair a scenario.

#include <span>
#include <string_view>

#include "bench/scenarios/axes.h"

namespace npyrace {

struct RunPlan;
struct RaceContext;
struct RunResult;

struct ScenarioRow {
  const char* name;
  const char* summary;
  /// `caches`: page caches behind --dir, which stand for nodes; some questions only arise between
  /// them. Null: the scenario has no matrix, but experiments.
  Axes (*axes)(std::size_t caches);
  /// Makes experiments when all planned cells were raced, and adds what they found to `result`.
  /// Throws Interrupted; SystemError where nothing at all could be tried.
  void (*experiment)(const RunPlan& plan, const RaceContext& context, RunResult& result) = nullptr;
  /// Throws UsageError for options that the experiments have no use for, FormatError for what they
  /// need and is not here. Null: nothing beside what is asked of all experiments.
  void (*check)(const RunPlan& plan) = nullptr;
  bool draws_cells = false;  ///< from options of the matrix, as long as --for says
  bool on_ranks = false;     ///< experiments go to the hosts of launchers mpi and ssh
};

/// What `run --exec` does when no scenario is named.
inline constexpr const char* kExecScenario = "exec";

/// Throws UsageError with a suggestion.
const ScenarioRow& find_scenario(std::string_view name, std::span<const ScenarioRow> table);

}  // namespace npyrace
