#include "bench/experiments/semantics.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "bench/launchers/launcher.h"
#include "bench/plan/plan.h"
#include "bench/race/progress.h"
#include "bench/race/site.h"
#include "core/base/error.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

/// Attribute caches of network file systems expire three to six seconds after a change.
constexpr double kWatchSeconds = 10;
constexpr std::chrono::milliseconds kPause{10};

std::string between(const ProbeFileRequest& request) {
  const char* form = request.experiment.sharing->shared ? "{} and {} write" : "{} writes, {} looks";
  return fmt::format(fmt::runtime(form), request.writer.name, request.reader.name);
}

}  // namespace

Trial::Trial(ProbeFileRequest request) : experiment_(request.experiment) {
  try_.between = between(request);
  waited_ = std::make_unique<ProbeFile>(request);
  for (std::size_t act = 0; act < experiment_.via->acts.size(); ++act) {
    ++request.number;
    scenes_.push_back(std::make_unique<ProbeFile>(request));
  }
}

bool Trial::settled() {
  return scenes_.back()->settled();
}

// The file without an act is written first and read last, so it has more time than any other:
// what it does not show did not become visible by the passage of time alone.
void Trial::play() {
  waited_->prepare();
  for (const auto& probe : scenes_) probe->prepare();
  waited_->write();
  for (std::size_t i = 0; i < scenes_.size(); ++i) {
    scenes_[i]->write();
    scenes_[i]->act(experiment_.via->acts[i]);
    try_.acts.push_back(scenes_[i]->look());
    const bool closed = i + 1 == scenes_.size();  // the closed file is observed further
    if (!closed) scenes_[i]->part();
  }
  try_.waited = waited_->look();
  waited_.reset();
  const Observations& closed = try_.acts.back();
  const Observation& last = closed.opened ? *closed.opened : closed.held;
  if (last.is_new) seen_after(last.seconds);
}

/// Closes a file as soon as it was seen, because there may be many tries.
void Trial::seen_after(double seconds) {
  try_.later_seconds = seconds;
  scenes_.back()->part();
}

bool Trial::too_slow_to_tell() const {
  const Observations& write = try_.acts.front();
  const bool held = write.held.is_new && write.held.seconds > kAtOnceSeconds;
  return held || (write.opened && write.opened->is_new && write.opened->seconds > kAtOnceSeconds);
}

bool Trial::watch() {
  if (try_.later_seconds) return false;
  const Observation look = scenes_.back()->look_again();
  try_.watched_seconds = look.seconds;
  if (look.is_new) seen_after(look.seconds);
  return !look.is_new && look.seconds < kWatchSeconds;
}

void Trial::finish() {
  for (std::size_t i = 0; i < scenes_.size(); ++i) {
    scenes_[i]->part();
    Observation look = scenes_[i]->look_by_new_open();
    while (!look.is_new && look.seconds < kWatchSeconds) {
      std::this_thread::sleep_for(kPause);
      look = scenes_[i]->look_by_new_open();
    }
    try_.watched_seconds = std::max(try_.watched_seconds, look.seconds);
    if (!look.is_new)
      try_.lost.push_back(fmt::format("after {}: {}", experiment_.via->acts[i].name, look.found));
  }
}

namespace {

/// Time limit for the creation of a file to reach the other node. A node that never sees a header
/// sees zeros, which are also old content.
constexpr double kSettleSeconds = 3;
/// On a slow file system the number of rounds is reduced, if permitted, to two, so that each of two
/// mounts writes once, and to one if the first already takes too long.
constexpr double kBudgetSeconds = 20;
constexpr double kTooLongSeconds = 60;
/// On a busy machine a read may be late by chance, but not repeatedly.
constexpr int kMostRepeats = 5;

double seconds_since(std::int64_t start_ns) {
  return static_cast<double>(monotonic_ns() - start_ns) * 1e-9;
}

/// State of an experiment.
struct RowState {
  Experiment experiment;
  std::vector<std::unique_ptr<Trial>> played;
  std::string problem;
  bool refused = false;
};

class Examination {
 public:
  Examination(const SemanticsPlan& plan, const FileOpener& open_file, Coordinator* coordinator)
      : plan_(plan), open_file_(open_file), testbed_(set_stage(plan, coordinator)) {
    for (const Experiment& experiment : all_experiments())
      rows_.push_back({.experiment = experiment});
  }

  Passport passport() {
    Progress progress(plan_.tries * rows_.size() + 1, plan_.verbosity);
    try {
      play_rounds(progress);
      progress.step("semantics: waiting for writes that are not visible yet");
      while (watch()) std::this_thread::sleep_for(kPause);
      for (RowState& row : rows_)
        for (const auto& trial : row.played) attempt(row, [&] { trial->finish(); });
    } catch (const AgentGone& gone) {
      for (RowState& row : rows_) note(row, gone.what(), false);
    }
    return put_together();
  }

 private:
  static void note(RowState& row, const std::string& problem, bool refused) {
    if (!row.problem.empty()) return;
    row.problem = problem;
    row.refused = refused;
  }

  /// Executes an action of a row; on failure records the row's problem and returns false.
  template <typename Action>
  static bool attempt(RowState& row, Action action) {
    if (interrupted()) throw Interrupted();
    try {
      action();
      return true;
    } catch (const StepError& error) {
      note(row, error.what(), error.refused());
    } catch (const SystemError& error) {
      note(row, error.what(), false);
    } catch (const FormatError& error) {
      note(row, error.what(), false);
    }
    return false;
  }

  void play_rounds(Progress& progress) {
    const std::int64_t start_ns = monotonic_ns();
    for (std::uint64_t round = 0; round < plan_.tries; ++round) {
      const double enough_seconds = round == 1 ? kTooLongSeconds : kBudgetSeconds;
      if (plan_.stop_early && round > 0 && seconds_since(start_ns) > enough_seconds) break;
      play_round(round, progress);
    }
  }

  void play_round(std::uint64_t round, Progress& progress) {
    std::vector<std::unique_ptr<Trial>> trials(rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i)
      attempt(rows_[i], [&] { trials[i] = make(rows_[i], round); });
    const std::int64_t start_ns = monotonic_ns();
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (trials[i] == nullptr || !attempt(rows_[i], [&] { settle(*trials[i], start_ns); }))
        trials[i].reset();
    }
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      progress.step("semantics: " + rows_[i].experiment.name());
      if (trials[i] != nullptr) play(rows_[i], std::move(trials[i]), round);
      watch();
    }
  }

  static void settle(Trial& trial, std::int64_t start_ns) {
    while (!trial.settled() && seconds_since(start_ns) < kSettleSeconds && !interrupted())
      std::this_thread::sleep_for(kPause);
  }

  void play(RowState& row, std::unique_ptr<Trial> trial, std::uint64_t round) {
    for (int repeats = 0;; ++repeats) {
      if (!attempt(row, [&] { trial->play(); })) return;
      if (!trial->too_slow_to_tell() || repeats == kMostRepeats) break;
      const auto again = [&] {
        trial = make(row, round);
        settle(*trial, monotonic_ns());
      };
      if (!attempt(row, again)) return;
    }
    watched_.push_back({&row, trial.get()});
    row.played.push_back(std::move(trial));
  }

  /// True if something remains to be observed.
  bool watch() {
    std::erase_if(watched_, [&](const Watched& watched) {
      bool goes_on = false;
      return !attempt(*watched.row, [&] { goes_on = watched.trial->watch(); }) || !goes_on;
    });
    return !watched_.empty();
  }

  /// Uses every ordered pair of nodes in turn; if both nodes write, they alternate in acting last.
  std::unique_ptr<Trial> make(const RowState& row, std::uint64_t round) {
    const std::size_t nodes = testbed_.nodes.size();
    const std::size_t writer = round % nodes;
    const std::size_t reader = (writer + 1 + round / nodes % (nodes - 1)) % nodes;
    const std::uint64_t number = next_number_;
    next_number_ += Trial::kMostProbeFiles;
    return std::make_unique<Trial>(ProbeFileRequest{.experiment = row.experiment,
                                                    .writer = testbed_.nodes[writer],
                                                    .reader = testbed_.nodes[reader],
                                                    .number = number,
                                                    .reader_acts_last = round / nodes % 2 == 0,
                                                    .open_file = open_file_});
  }

  Passport put_together() const {
    Passport passport{.between = testbed_.between};
    for (const RowState& row : rows_) {
      std::vector<Try> tries;
      for (const auto& trial : row.played) tries.push_back(trial->result());
      PassportRow named = name_row(row.experiment, tries);
      named.problem = row.problem;
      named.refused = row.refused;
      passport.rows.push_back(std::move(named));
    }
    passport.named = name_of(passport.rows);
    return passport;
  }

  struct Watched {
    RowState* row;
    Trial* trial;
  };

  const SemanticsPlan& plan_;
  const FileOpener& open_file_;
  Testbed testbed_;
  std::vector<RowState> rows_;
  std::vector<Watched> watched_;  ///< destroyed before the rows, which own the trials
  std::uint64_t next_number_ = 1;
};

}  // namespace

Passport examine(const SemanticsPlan& plan, const FileOpener& open_file, Coordinator* coordinator) {
  return Examination(plan, open_file, coordinator).passport();
}

void examine_semantics(const RunPlan& plan, const RaceContext& context, RunResult& result) {
  // Every ordered pair of nodes needs at least one try.
  const std::uint64_t nodes = plan.ranks.empty() ? plan.mounts.size() : plan.cache_count();
  const std::uint64_t pairs = nodes * (nodes - 1);
  SemanticsPlan semantics{.mounts = plan.mounts,
                          .tries = plan.repetitions.value_or(std::max(kUsualTries, pairs)),
                          .stop_early = !plan.repetitions,
                          .verbosity = plan.verbosity};
  semantics.patience = std::min(semantics.patience, plan.patience);
  result.passport = examine(semantics, context.site.open_file, context.site.coordinator);
}

void check_semantics(const RunOptions&, const RunPlan& plan) {
  if (plan.ranks.size() == 1)
    throw UsageError(
        "scenario semantics needs two ranks, and there is one: --writers 2, mpirun -n 2");
}

}  // namespace npyrace
