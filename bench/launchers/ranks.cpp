#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "bench/launchers/launcher.h"
#include "bench/launchers/writer_ledger.h"
#include "bench/remote/clock_offset.h"
#include "bench/remote/coordinator.h"
#include "bench/remote/rank_writer.h"
#include "bench/strategies/strategy.h"
#include "core/file/posix_file.h"
#include "core/os/shell.h"

namespace npyrace {
namespace {

/// Starts the race on all ranks; the destructor ends it.
class StartedRace {
 public:
  StartedRace(Coordinator& coordinator, const LaunchRequest& request) : coordinator_(coordinator) {
    coordinator_.gather();
    coordinator_.will().set_race_file(request.order.path_of(0));
    try {
      for (std::uint64_t rank = 1; rank < coordinator_.size(); ++rank) tell_start(rank, request);
      group_ = coordinator_.group(request.writers, request.patience);
    } catch (...) {
      end();
      throw;
    }
  }
  StartedRace(const StartedRace&) = delete;
  StartedRace& operator=(const StartedRace&) = delete;
  ~StartedRace() { end(); }

  RankGroup& group() { return *group_; }

 private:
  /// Every rank that got Task::start replies, even if another one is lost.
  void tell_start(std::uint64_t rank, const LaunchRequest& request) {
    try {
      coordinator_.tell(rank, {.task = Task::start,
                               .race = coordinator_.order_there(rank, request.order),
                               .writers = request.writers});
    } catch (const RankLost&) {
      return;  // its missing reply will show that
    }
  }

  void end() {
    coordinator_.will().set_race_file("");
    for (std::uint64_t rank = 1; rank < coordinator_.size(); ++rank) try {
        coordinator_.tell(rank, {.task = Task::finish});
      } catch (const RankLost&) {
        continue;
      } catch (const std::exception&) {
        // Destroying a group is collective and would hang: the transport has ended or is out of
        // sync.
        [[maybe_unused]] RankGroup* leaked = group_.release();
        return;
      }
  }

  Coordinator& coordinator_;
  std::unique_ptr<RankGroup> group_;
};

/// State of a writer as known to rank 0.
struct RankWriterState {
  RankReport last;
  ClockBounds clock;
};

/// The ranks of a coordinator act as writers, however they were started. A lost rank is reported as
/// a failed or killed writer, and the others continue.
class RankWriters final : public WriterGroup {
 public:
  explicit RankWriters(const LaunchRequest& request)
      : request_(request),
        coordinator_(*request.coordinator),
        ledger_(request),
        started_(coordinator_, request),
        writers_(static_cast<std::size_t>(request.writers)) {
    std::string trouble = is_writer() ? make_own_writer() : "";
    for_those_left([&](std::uint64_t, std::uint64_t rank) {
      const std::string answer = coordinator_.hear(rank, request_.patience);
      if (std::string words = coordinator_.error_in(answer, rank); trouble.empty())
        trouble = std::move(words);
    });
    if (!trouble.empty()) throw RaceError(trouble, false);
  }

  /// Ignores lost ranks; `race` reports them.
  void prepare_elsewhere(const std::string& cache) override {
    std::vector<std::uint64_t> told;
    for (const std::uint64_t writer : first_of_other_caches())
      if (unless_lost(writer, [&](std::uint64_t rank) {
            coordinator_.tell(rank, {.task = Task::caches, .cache = cache});
          }))
        told.push_back(writer);
    std::string trouble;
    for (const std::uint64_t writer : told)
      unless_lost(writer, [&](std::uint64_t rank) {
        const std::string answer = coordinator_.hear(rank, request_.patience);
        if (std::string words = coordinator_.error_in(answer, rank); trouble.empty())
          trouble = std::move(words);
      });
    if (!trouble.empty()) throw RaceError(trouble, false);
  }

  GenerationReport race() override {
    ++generation_;
    ask_clocks([](ClockBounds&, const ClockBounds& now) { return now; });
    for_those_left([&](std::uint64_t writer, std::uint64_t rank) {
      coordinator_.tell(rank, {.task = Task::race, .generation = generation_});
      writers_[writer].last.begun = generation_;  // assumed if no report arrives
      writers_[writer].last.acknowledged_records = 0;
    });
    if (is_writer()) writers_.front().last = race_ourselves();
    for_those_left([&](std::uint64_t writer, std::uint64_t rank) {
      writers_[writer].last = rank_report_from_text(coordinator_.hear(rank, request_.patience));
    });
    ask_clocks(
        [](const ClockBounds& before, const ClockBounds& now) { return between(before, now); });
    return put_together();
  }

  std::vector<WriterFailure> finish() override { return {}; }

 private:
  /// True if rank 0 also writes.
  bool is_writer() const { return !coordinator_.conducts(); }

  /// Calls work(writer, rank) for all writers except rank 0.
  template <typename Work>
  void for_others(Work work) {
    for (std::uint64_t writer = is_writer() ? 1 : 0; writer < request_.writers; ++writer)
      work(writer, coordinator_.rank_of(writer));
  }

  template <typename Work>
  void for_those_left(Work work) {
    for_others([&](std::uint64_t writer, std::uint64_t) {
      unless_lost(writer, [&](std::uint64_t rank) { work(writer, rank); });
    });
  }

  /// Returns false if the rank is lost; it is not asked again.
  template <typename Work>
  bool unless_lost(std::uint64_t writer, Work work) {
    if (ledger_.has_failed(writer)) return false;
    try {
      work(coordinator_.rank_of(writer));
      return true;
    } catch (const RankLost& lost) {
      ledger_.record_failure(writer);
      ledger_.describe_failure({lost.what(), lost.of_itself()});
      return false;
    }
  }

  std::string make_own_writer() {
    try {
      writer_ = std::make_unique<RankWriter>(request_.order, started_.group(), open_own_file);
      return "";
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  /// If this rank gives up, the others would hang: mark the group out of sync.
  RankReport race_ourselves() {
    try {
      return writer_->race(generation_);
    } catch (const std::exception&) {
      coordinator_.lose_step();
      throw;
    }
  }

  /// The first writer on each kernel other than rank 0's, whose caches rank 0 cannot control; if
  /// rank 0 only coordinates, the first writer behind each page cache.
  std::vector<std::uint64_t> first_of_other_caches() const {
    std::vector<std::string> seen;
    if (is_writer()) seen.push_back(coordinator_.places().front().kernel);
    std::vector<std::uint64_t> writers;
    for (std::uint64_t writer = 0; writer < request_.writers; ++writer) {
      const RankPlace& place = coordinator_.places()[coordinator_.rank_of(writer)];
      const std::string& name = is_writer() ? place.kernel : place.caches.front();
      if (ledger_.has_failed(writer) || std::ranges::count(seen, name) > 0) continue;
      seen.push_back(name);
      writers.push_back(writer);
    }
    return writers;
  }

  const std::string& clock_of(std::uint64_t writer) const {
    return coordinator_.places()[coordinator_.rank_of(writer)].clock;
  }
  bool has_other_clock(std::uint64_t writer) const {
    return clock_of(writer) != coordinator_.places()[0].clock;
  }

  /// Asks one writer of each clock: the exchanges come one after the other, and many writers share
  /// a clock.
  template <typename Merge>
  void ask_clocks(Merge merge) {
    std::map<std::string, ClockBounds> asked;
    for_those_left([&](std::uint64_t writer, std::uint64_t rank) {
      if (!has_other_clock(writer)) return;
      auto known = asked.find(clock_of(writer));
      if (known == asked.end())
        known =
            asked.emplace(clock_of(writer), coordinator_.ask_clock(rank, request_.patience)).first;
      ClockBounds& clock = writers_[writer].clock;
      clock = merge(clock, known->second);
    });
  }

  GenerationReport put_together() {
    std::vector<WriterProgress> writers;
    for (std::uint64_t writer = 0; writer < request_.writers; ++writer) {
      const auto& [last, clock] = writers_[writer];
      if (last.state == WriterState::refused) throw RaceError(last.message, true);
      if (last.state == WriterState::failed && !ledger_.has_failed(writer)) {
        ledger_.record_failure(writer);
        ledger_.describe_failure(
            {fmt::format("{}: {}", name_of_failed(writer), last.message), true});
      }
      writers.push_back({last.begun, last.finished, last.acknowledged_records,
                         has_other_clock(writer) ? by_our_clock(last.report, clock) : last.report});
    }
    return ledger_.report(generation_, writers);
  }

  std::string name_of_failed(std::uint64_t writer) const {
    return is_writer() ? fmt::format("writer {}", writer)
                       : coordinator_.name_of(coordinator_.rank_of(writer));
  }

  LaunchRequest request_;
  Coordinator& coordinator_;
  WriterLedger ledger_;
  StartedRace started_;
  std::unique_ptr<RankWriter> writer_;
  std::vector<RankWriterState> writers_;
  unsigned generation_ = 0;
};

}  // namespace

std::unique_ptr<WriterGroup> start_ranks(const LaunchRequest& request) {
  const std::string& strategy = request.order.strategies.front();
  if (find_strategy(strategy).strategy.one_host_only &&
      request.coordinator->count_kernels(request.writers) > 1)
    throw RaceError(strategy + " has a socket that ranks of other hosts cannot reach", true);
  return std::make_unique<RankWriters>(request);
}

std::unique_ptr<WriterGroup> start_ssh_ranks(const LaunchRequest& request) {
  for (const std::string& name : request.order.strategies)
    if (find_strategy(name).strategy.needs_ranks)
      throw RaceError("MPI-IO needs launcher mpi: ranks of launcher ssh have no MPI", true);
  return start_ranks(request);
}

std::string no_ssh_reason() {
  const auto status = run_to_end({.command = "command -v ssh >/dev/null 2>&1"});
  return *status == 0 ? ""
                      : "no ssh in PATH (Debian: openssh-client); another remote shell by --rsh";
}

}  // namespace npyrace
