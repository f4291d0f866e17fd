#pragma once
// Scenario `create-race`: several writers create and write one file that does not exist yet. Shows
// which ways to create it lose records, on one node and on several.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/experiments/creator.h"
#include "bench/experiments/file_agent.h"
#include "bench/plan/plan.h"
#include "bench/race/site.h"
#include "core/file/file.h"
#include "core/result/result.h"

namespace npyrace {

/// A writer's process and directory.
struct CreateNode {
  LocalAgent* agent = nullptr;
  std::string dir;
};

struct CreateTry {
  const CreateVariant& way;
  std::vector<CreateNode> nodes;  ///< one per writer
  std::string judge_dir;
  const Site& site;
  std::uint64_t number = 0;  ///< unique per try within a run
  std::uint64_t stamp_seed = 0;
  /// Pauses the first writer before this step of its own, counted from 0, until the others have
  /// finished or wait for it. Nothing: all run freely.
  std::optional<std::size_t> stop_before = std::nullopt;
};

struct CreateTryResult {
  CreateOutcome outcome;
  std::size_t steps = 0;  ///< number of steps of the first writer
};

/// Runs one try. Removes the file. Throws Interrupted.
CreateTryResult try_way(const CreateTry& request);

// The scenario.

/// Tries each way with one writer paused before each of its steps in turn while another one runs to
/// its end, and with four writers that run freely. Adds an experiment per way on one node and, with
/// several mounts, between nodes. Throws Interrupted, SystemError.
void create_race(const RunPlan& plan, const RaceContext& context, RunResult& result);

}  // namespace npyrace
