#pragma once
// One try: some writers, each a process, have and write one file that is not there yet.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/experiments/creator.h"
#include "bench/experiments/player.h"
#include "bench/plan/plan.h"
#include "bench/race/cell_race.h"
#include "core/file/file.h"
#include "core/result/result.h"

namespace npyrace {

/// A process and the directory it works in.
struct CreateNode {
  PlayerProcess* player = nullptr;
  std::string dir;
};

struct CreateTry {
  const WayRow& way;
  std::vector<CreateNode> nodes;  ///< one a writer
  std::string judge_dir;
  FileOpener open_file;
  std::function<void()> settle;
  std::uint64_t number = 0;  ///< no two tries of a run have the same
  std::uint64_t stamp_seed = 0;
  /// The first writer is stopped before this step of its own, counted from 0, until the others have
  /// done all of theirs, or wait for it. Nothing: all are let run.
  std::optional<std::size_t> stop_before = std::nullopt;
};

struct CreateTryResult {
  CreateOutcome outcome;
  std::size_t steps = 0;  ///< that the first writer took
};

/// Throws Interrupted. Leaves no file.
CreateTryResult try_way(const CreateTry& request);

// Scenario `create-race`: who creates the file? Which ways lose records, on one node and on two.

/// Each way is tried with one writer stopped before each of its steps in turn while another does
/// all of its own, and with four writers that are let run. Adds an experiment for each way on one
/// node, and between nodes where there are several. Throws Interrupted, SystemError.
void create_race(const RunPlan& plan, const RaceContext& context, RunResult& result);

}  // namespace npyrace
