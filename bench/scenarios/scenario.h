#pragma once
// Named matrices of cells, and named experiments. One row and one file pair a scenario.

#include <span>
#include <string_view>

#include "bench/scenarios/axes.h"

namespace npyrace {

struct ScenarioRow {
  const char* name;
  const char* summary;
  /// `caches`: page caches behind --dir, which stand for nodes; some questions only arise between
  /// them. Null: the scenario has no cells, but the experiments of bench/semantics.
  Axes (*axes)(std::size_t caches);
};

/// What `run --exec` does when no scenario is named.
inline constexpr const char* kExecScenario = "exec";

/// The one table of scenarios; the first is what `run` does when none is named.
std::span<const ScenarioRow> scenario_table();
/// Throws UsageError with a suggestion.
const ScenarioRow& find_scenario(std::string_view name);

}  // namespace npyrace
