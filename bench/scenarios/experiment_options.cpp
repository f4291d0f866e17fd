#include "bench/scenarios/experiment_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/launchers/launcher_plan.h"
#include "core/error.h"

namespace npyrace {
namespace {

void refuse_matrix(const ScenarioRow& scenario, const RunOptions& options) {
  const bool on_ranks = scenario.on_ranks && std::ranges::all_of(options.launchers, has_ranks);
  const auto refuse = [&](bool typed, const char* option) {
    if (typed)
      throw UsageError(
          fmt::format("scenario {} has no cells, so drop {}, or name a scenario "
                      "that has some, too",
                      scenario.name, option));
  };
  refuse(!options.exec.programs.empty(), "--exec");
  refuse(!options.strategies.empty(), "--strategies");
  refuse(!options.mix.empty(), "--mix");
  refuse(!options.layouts.empty(), "--layouts");
  refuse(!options.aligns_bytes.empty(), "--align");
  refuse(!options.ownerships.empty(), "--ownership");
  refuse(!options.syncs.empty(), "--sync");
  refuse(!options.launchers.empty() && !on_ranks, "--launcher");
  refuse(!options.caches.empty(), "--cache");
  refuse(!options.writers.empty(), "--writers");
  refuse(options.generations.has_value(), "--generations");
  refuse(options.array.records.has_value() || !options.array.shape.empty(), "--records, --shape");
  refuse(options.array.descr.has_value(), "--descr");
  refuse(options.array.record_bytes.has_value(), "--record-bytes");
  refuse(options.readers.has_value(), "--readers");
  refuse(options.keep, "--keep");
}

}  // namespace

void check_experiments(const std::vector<const ScenarioRow*>& scenarios, const RunPlan& plan) {
  const RunOptions& options = plan.options;
  bool soaks = false;
  for (const ScenarioRow* scenario : scenarios) {
    if (scenario->check != nullptr) scenario->check(plan);
    if (scenario->axes == nullptr && options.repetitions == 0u)
      throw UsageError("--repetitions must be 1 or more");
    if (scenario->axes == nullptr && !scenario->draws_cells && plan.cells.empty())
      refuse_matrix(*scenario, options);
    soaks |= scenario->draws_cells;
  }
  if (options.for_seconds && !soaks)
    throw UsageError("--for is how long scenario soak goes on: name it, or drop --for");
}

}  // namespace npyrace
