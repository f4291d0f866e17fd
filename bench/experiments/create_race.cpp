#include "bench/experiments/create_race.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include "bench/launchers/launcher.h"
#include "bench/race/progress.h"
#include "bench/storage/place_trials.h"
#include "bench/storage/race_file.h"
#include "bench/storage/sidecar.h"
#include "bench/storage/views.h"
#include "core/array/stamp.h"
#include "core/base/error.h"
#include "core/file/posix_file.h"
#include "core/os/signals.h"
#include "core/os/threads.h"

namespace npyrace {
namespace {

constexpr std::uint64_t kRecordsEach = 16;
/// Race files are numbered from 0.
constexpr std::uint64_t kFirstNumber = 2'000'000;
constexpr std::uint64_t kMostNames = 100;

/// Each writer has its own pages, so that losses can only be caused by the creation.
ArrayMap map_for(std::uint64_t writers) {
  ArrayRequest request{.records = kRecordsEach * writers};
  request.layout = "padded-block";
  request.align_bytes = page_bytes();
  request.writers = writers;
  return ArrayMap(request);
}

/// Pauses the first writer once and lets the others run meanwhile.
class Stop {
 public:
  Stop(std::optional<std::size_t> before, std::size_t others) : before_(before), others_(others) {
    others_may_run_ = !before;
  }

  /// Called by the first writer.
  void before_step() {
    std::unique_lock lock(mutex_);
    if (before_ && steps_++ == *before_) {
      others_may_run_ = true;
      changed_.notify_all();
      changed_.wait(lock, [&] { return others_ == 0 || others_wait_; });
    }
  }
  /// The first writer took fewer steps than the pause requires, or gave up.
  void first_is_done() {
    const std::scoped_lock lock(mutex_);
    others_may_run_ = true;
    changed_.notify_all();
  }
  void wait_for_first() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return others_may_run_; });
  }
  void other_waits() {
    const std::scoped_lock lock(mutex_);
    others_wait_ = true;
    changed_.notify_all();
  }
  void other_is_done() {
    const std::scoped_lock lock(mutex_);
    --others_;
    changed_.notify_all();
  }
  std::size_t steps() const { return steps_; }

 private:
  std::optional<std::size_t> before_;
  std::size_t others_;
  std::size_t steps_ = 0;
  bool others_may_run_ = false;
  bool others_wait_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
};

/// Outcome of one writer.
struct Fate {
  bool acknowledged = false;
  std::string error;    ///< reported to the writer
  std::string problem;  ///< the try is invalid
  bool refused = false;
  bool interrupted = false;
};

class OneTry {
 public:
  explicit OneTry(const CreateTry& request)
      : request_(request),
        map_(map_for(request.nodes.size())),
        stop_(request.stop_before, request.nodes.size() - 1),
        fates_(request.nodes.size()) {}
  OneTry(const OneTry&) = delete;
  OneTry& operator=(const OneTry&) = delete;

  ~OneTry() {
    for (std::size_t writer = 0; writer <= request_.nodes.size(); ++writer)
      ::unlink(name(request_.nodes.front().dir, writer).c_str());
  }

  CreateTryResult run() {
    require_threads(static_cast<int>(fates_.size()) + 1, "scenario create-race");
    std::vector<std::thread> threads;
    for (std::size_t writer = 0; writer < fates_.size(); ++writer)
      threads.emplace_back([this, writer] { run_writer(writer); });
    for (std::thread& thread : threads) thread.join();
    return {.outcome = outcome(), .steps = stop_.steps()};
  }

 private:
  /// Number 0 is the file, others are temporary names.
  std::string name(const std::string& dir, std::size_t number) const {
    return dir + "/" +
           race_file_name(this_process(), kFirstNumber + request_.number * kMostNames + number);
  }

  Creator creator(std::size_t writer) {
    const CreateNode& node = request_.nodes[writer];
    CreatorRequest request{.agent = *node.agent,
                           .map = map_,
                           .stamper = map_.stamper(request_.stamp_seed),
                           .writer = writer,
                           .path = name(node.dir, 0),
                           .temporary_path = name(node.dir, writer + 1)};
    if (writer == 0)
      request.before_step = [this] { stop_.before_step(); };
    else
      request.waits = [this] { stop_.other_waits(); };
    return Creator(request);
  }

  void run_writer(std::size_t writer) {
    if (writer > 0) stop_.wait_for_first();
    run_way(writer, fates_[writer]);
    if (writer == 0)
      stop_.first_is_done();
    else
      stop_.other_is_done();
  }

  void run_way(std::size_t writer, Fate& fate) {
    try {
      Creator one = creator(writer);
      request_.way.run(one);
      fate.acknowledged = true;
    } catch (const Interrupted&) {
      fate.interrupted = true;
    } catch (const CreatorError& error) {
      fate.error = fmt::format("writer {}: {}", writer, error.what());
    } catch (const StepError& error) {
      fate.problem = error.what();
      fate.refused = error.refused();
    } catch (const std::exception& error) {
      fate.problem = error.what();
    }
    forget(writer, fate);
  }

  /// Closes what the agent still has open after an error.
  void forget(std::size_t writer, Fate& fate) {
    try {
      if (!fate.acknowledged) request_.nodes[writer].agent->ask("forget file");
    } catch (const std::exception&) {
      // The agent is gone, which has already been recorded.
    }
  }

  CreateOutcome outcome() {
    CreateOutcome outcome{.order = order()};
    for (std::size_t writer = 0; writer < fates_.size(); ++writer) {
      const Fate& fate = fates_[writer];
      if (fate.interrupted) throw Interrupted();
      if (fate.acknowledged) outcome.acknowledged += map_.count(writer);
      if (!fate.error.empty()) outcome.errors.push_back(fate.error);
      if (!fate.problem.empty() && outcome.problem.empty()) {
        outcome.problem = fate.problem;
        outcome.refused = fate.refused;
      }
    }
    if (outcome.problem.empty()) outcome.lost = lost(outcome.acknowledged);
    return outcome;
  }

  std::string order() const {
    if (!request_.stop_before) return fmt::format("{} writers together", fates_.size());
    return fmt::format("writer 0 stopped before its step {} while writer 1 did all of its own",
                       *request_.stop_before + 1);
  }

  /// Number of acknowledged records that are lost; all of them if the file does not exist.
  std::uint64_t lost(std::uint64_t acknowledged) {
    request_.site.quiesce(Pending::all);
    const std::string path = name(request_.judge_dir, 0);
    if (::access(path.c_str(), F_OK) != 0) return acknowledged;
    Expectation expectation;
    for (const Fate& fate : fates_)
      expectation.promises.push_back({.kept = fate.acknowledged ? 1u : 0u, .newest = 1});
    try {
      const Findings findings =
          scan_settled({.subject = {.map = map_,
                                    .stamper = map_.stamper(request_.stamp_seed),
                                    .expectation = expectation},
                        .open_file = request_.site.open_file,
                        .judge = choose_judge(path, request_.judge_dir, request_.site.open_file),
                        .views = {},
                        .cancelled = interrupted});
      return findings.anomalies.damaging();
    } catch (const ScanCancelled&) {
      throw Interrupted();
    }
  }

  const CreateTry& request_;
  ArrayMap map_;
  Stop stop_;
  std::vector<Fate> fates_;
};

}  // namespace

CreateTryResult try_way(const CreateTry& request) {
  return OneTry(request).run();
}

namespace {

constexpr std::size_t kWriters = 4;
constexpr std::uint64_t kUsualRounds = 8;

/// Races all ways to create the file between the given processes.
class CreateRaces {
 public:
  /// `dirs`: one, or several that stand for nodes; processes are distributed over them in turn.
  CreateRaces(const RunPlan& plan, const RaceContext& context, std::vector<std::string> dirs)
      : plan_(plan), context_(context), dirs_(std::move(dirs)) {
    for (std::size_t writer = 0; writer < kWriters; ++writer) {
      const std::string& dir = dirs_[writer % dirs_.size()];
      agents_.push_back(std::make_unique<LocalAgent>(dir, plan.patience));
      nodes_.push_back({agents_.back().get(), dir});
    }
  }

  ExperimentResult run(const CreateVariant& way) {
    CreateTally tally(fmt::format("{}/{}", way.name, place()), words());
    stop_before_each(way, nodes_[0], nodes_[1], tally);
    if (dirs_.size() > 1) stop_before_each(way, nodes_[1], nodes_[0], tally);
    const std::uint64_t tries = plan_.repetitions.value_or(kUsualRounds);
    for (std::uint64_t i = 0; i < tries && !tally.broken(); ++i)
      tally.add(try_once(way, nodes_, std::nullopt).outcome);
    return tally.result();
  }

 private:
  const char* place() const { return dirs_.size() > 1 ? "nodes" : "one-node"; }
  const char* words() const {
    return dirs_.size() > 1 ? "between nodes" : "on one node; nothing was tried between nodes";
  }

  /// Repeats with later steps until the writer finishes before the pause.
  void stop_before_each(const CreateVariant& way, const CreateNode& first, const CreateNode& second,
                        CreateTally& tally) {
    for (std::size_t step = 0; !tally.broken(); ++step) {
      const CreateTryResult result = try_once(way, {first, second}, step);
      tally.add(result.outcome);
      if (result.steps <= step) break;
    }
  }

  CreateTryResult try_once(const CreateVariant& way, const std::vector<CreateNode>& nodes,
                           std::optional<std::size_t> stop_before) {
    if (interrupted()) throw Interrupted();
    ++tries_;
    try {
      return try_way({.way = way,
                      .nodes = nodes,
                      .judge_dir = plan_.judge_dir,
                      .site = context_.site,
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
  std::vector<std::unique_ptr<LocalAgent>> agents_;
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
    for (const CreateVariant& way : way_table()) {
      progress.step(fmt::format("create-race: {}", way.name));
      result.experiments.push_back(races.run(way));
      progress.done(0, 0);
    }
  }
}

}  // namespace npyrace
