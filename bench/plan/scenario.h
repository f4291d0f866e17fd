#pragma once
// Named matrices of cells, and named experiments. One row and one file pair a scenario.

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/plan/matrices.h"
#include "bench/plan/plan.h"

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

// Which options go with scenarios that have experiments.

/// Experiments have no matrix: options that would change one are refused, unless cells of other
/// scenarios take them. Asks every scenario's own check, too. Throws as that does, and UsageError.
void check_experiments(const std::vector<const ScenarioRow*>& scenarios, const RunPlan& plan);

// Scenarios as JSON: what `list scenarios --json` prints, and `run --scenario FILE` reads.
//
// {"name": "mine", "strategies": ["mmap"], "writers": [2, 8], "records": 4096}: every key of
// axes.h but name and summary may be left out, and is then what axes.h says.

struct FileScenario {
  std::string name;
  Axes axes;
};

nlohmann::ordered_json to_json(const std::string& name, const std::string& summary,
                               const Axes& axes);

/// Throws SystemError, and FormatError with the file, the key and what is wrong with it.
FileScenario read_scenario(const std::string& path);

}  // namespace npyrace
