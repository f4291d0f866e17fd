#pragma once
// The interface of scenarios (named matrices of cells and named experiments), the options that suit
// them, and scenarios as JSON files.

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
  /// Returns the matrix for `caches`, the number of page caches behind --dir, each of which stands
  /// for a node: some questions arise only between nodes. Null: the scenario has experiments only.
  Axes (*axes)(std::size_t caches);
  /// Runs the experiments after all planned cells and adds their findings to `result`. Throws
  /// Interrupted; SystemError if nothing could be tried.
  void (*experiment)(const RunPlan& plan, const RaceContext& context, RunResult& result) = nullptr;
  /// Throws UsageError for options that the experiments do not use, FormatError for missing
  /// requirements. Null: no check beyond those for all experiments.
  void (*check)(const RunOptions& options, const RunPlan& plan) = nullptr;
  /// Draws random cells from the matrix options for the duration of --for.
  bool draws_cells = false;
  bool on_ranks = false;  ///< experiments run on the hosts of launchers mpi and ssh
};

/// The default scenario of `run --exec`.
inline constexpr const char* kExecScenario = "exec";

/// Throws UsageError with a suggestion.
const ScenarioRow& find_scenario(std::string_view name, std::span<const ScenarioRow> table);

// Checks of options against scenarios with experiments.

/// Experiments have no matrix: refuses options that would change one, unless cells of other
/// scenarios use them. Also calls each scenario's own check. Throws UsageError, and what the checks
/// throw.
void check_experiments(const std::vector<const ScenarioRow*>& scenarios, const RunOptions& options,
                       const RunPlan& plan);

// Scenarios as JSON, printed by `list scenarios --json` and read by `run --scenario FILE`:
//
// {"name": "mine", "strategies": ["mmap"], "writers": [2, 8], "records": 4096}
//
// The keys are the members of Axes (matrices.h), name and summary. All but name may be omitted and
// then have the default of Axes.

struct FileScenario {
  std::string name;
  std::string summary;
  Axes axes;
};

/// A JSON array of all scenarios, indented, with a newline at its end.
std::string scenarios_json(const std::vector<FileScenario>& scenarios);

/// Throws SystemError, and FormatError with file, key and error.
FileScenario read_scenario(const std::string& path);

}  // namespace npyrace
