#include "bench/create_race/create_race.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "bench/create_race/create_try.h"
#include "bench/interrupt.h"
#include "bench/progress.h"
#include "core/error.h"
#include "core/stamp.h"

namespace npyrace {
namespace {

constexpr std::size_t kWriters = 4;
constexpr std::uint64_t kUsualTries = 8;

/// All ways between some processes.
class CreateRaces {
 public:
  /// `dirs`: one, or several that stand for nodes; the processes work in them in turn.
  CreateRaces(const RunPlan& plan, const RaceContext& context, std::vector<std::string> dirs)
      : plan_(plan), context_(context), dirs_(std::move(dirs)) {
    for (std::size_t writer = 0; writer < kWriters; ++writer) {
      const std::string& dir = dirs_[writer % dirs_.size()];
      players_.push_back(std::make_unique<PlayerProcess>(dir, plan.patience));
      nodes_.push_back({players_.back().get(), dir});
    }
  }

  ExperimentResult run(const WayRow& way) {
    CreateTally tally(fmt::format("{}/{}", way.name, place()), words());
    stop_before_each(way, nodes_[0], nodes_[1], tally);
    if (dirs_.size() > 1) stop_before_each(way, nodes_[1], nodes_[0], tally);
    const std::uint64_t tries = plan_.options.repetitions.value_or(kUsualTries);
    for (std::uint64_t i = 0; i < tries && !tally.broken(); ++i)
      tally.add(try_once(way, nodes_, std::nullopt).outcome);
    return tally.result();
  }

 private:
  const char* place() const { return dirs_.size() > 1 ? "nodes" : "one-node"; }
  const char* words() const {
    return dirs_.size() > 1 ? "between nodes" : "on one node; nothing was tried between nodes";
  }

  /// Until there is no such step.
  void stop_before_each(const WayRow& way, const CreateNode& first, const CreateNode& second,
                        CreateTally& tally) {
    for (std::size_t step = 0; !tally.broken(); ++step) {
      const CreateTryResult result = try_once(way, {first, second}, step);
      tally.add(result.outcome);
      if (result.steps <= step) break;
    }
  }

  CreateTryResult try_once(const WayRow& way, const std::vector<CreateNode>& nodes,
                           std::optional<std::size_t> stop_before) {
    if (interrupted()) throw Interrupted();
    ++tries_;
    try {
      return try_way({.way = way,
                      .nodes = nodes,
                      .judge_dir = plan_.judge_dir,
                      .open_file = context_.open_file,
                      .settle = context_.settle,
                      .number = next_number(),
                      .stamp_seed = stamp_seed_of(plan_.seed, new_array_id()),
                      .stop_before = stop_before});
    } catch (const SystemError& error) {
      return {.outcome = {.problem = error.what()}, .steps = 0};
    }
  }

  static std::uint64_t next_number() {
    static std::uint64_t number = 0;
    return number++;
  }

  const RunPlan& plan_;
  const RaceContext& context_;
  std::vector<std::string> dirs_;
  std::vector<std::unique_ptr<PlayerProcess>> players_;
  std::vector<CreateNode> nodes_;
  std::uint64_t tries_ = 0;
};

}  // namespace

void create_race(const RunPlan& plan, const RaceContext& context, RunResult& result) {
  std::vector<std::vector<std::string>> places{{plan.dirs().front()}};
  if (plan.cache_count() > 1) places.push_back(plan.dirs());
  Progress progress(places.size() * way_table().size(), plan.verbosity);
  for (const auto& dirs : places) {
    CreateRaces races(plan, context, dirs);
    for (const WayRow& way : way_table()) {
      progress.step(fmt::format("create-race: {}", way.name));
      result.experiments.push_back(races.run(way));
      progress.done(0, 0);
    }
  }
}

}  // namespace npyrace
