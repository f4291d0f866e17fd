#include "bench/launchers/mpi.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bench/mpi/clock_offset.h"
#include "bench/mpi/fleet.h"
#include "bench/mpi/rank_writer.h"
#include "bench/race/overlap.h"
#include "bench/strategies/strategy.h"
#include "core/posix_file.h"

namespace npyrace {
namespace {

/// All ranks know of the race from now on, until this ends.
class StartedRace {
 public:
  StartedRace(Fleet& fleet, const LaunchRequest& request) : fleet_(fleet) {
    fleet_.will().set_race_file(request.order.path_of(0));
    for (std::uint64_t rank = 1; rank < fleet_.size(); ++rank)
      fleet_.tell(rank, {.task = Task::start, .race = request.order, .writers = request.writers});
    group_ = fleet_.group(request.writers, request.patience);
  }
  StartedRace(const StartedRace&) = delete;
  StartedRace& operator=(const StartedRace&) = delete;

  ~StartedRace() {
    fleet_.will().set_race_file("");
    try {
      for (std::uint64_t rank = 1; rank < fleet_.size(); ++rank)
        fleet_.tell(rank, {.task = Task::finish});
    } catch (const std::exception&) {
      // Ended, or out of step: to free what they hold together would be to wait for them.
      [[maybe_unused]] RankGroup* leaked = group_.release();
    }
  }

  RankGroup& group() { return *group_; }

 private:
  Fleet& fleet_;
  std::unique_ptr<RankGroup> group_;
};

class RankCrew final : public Crew {
 public:
  explicit RankCrew(const LaunchRequest& request)
      : request_(request),
        fleet_(*request.fleet),
        started_(fleet_, request),
        bounds_(static_cast<std::size_t>(request.writers)) {
    std::string trouble = make_own_writer();
    for (std::uint64_t rank = 1; rank < request_.writers; ++rank) {
      const std::string answer = fleet_.hear(rank, request_.patience);
      if (std::string words = words_of(rank, answer); trouble.empty()) trouble = std::move(words);
    }
    if (!trouble.empty()) throw RaceError(trouble, false);
  }

  void prepare_elsewhere(const std::string& cache) override {
    const std::vector<std::uint64_t> ranks = first_of_other_kernels();
    for (const std::uint64_t rank : ranks)
      fleet_.tell(rank, {.task = Task::caches, .cache = cache});
    std::string trouble;
    for (const std::uint64_t rank : ranks)
      if (std::string words = words_of(rank, fleet_.hear(rank, std::nullopt)); trouble.empty())
        trouble = std::move(words);
    if (!trouble.empty()) throw RaceError(trouble, false);
  }

  GenerationReport race() override {
    ++generation_;
    ask_clocks([](ClockBounds&, const ClockBounds& now) { return now; });
    for (std::uint64_t rank = 1; rank < request_.writers; ++rank)
      fleet_.tell(rank, {.task = Task::race, .generation = generation_});
    std::vector<RankReport> reports{race_ourselves()};
    for (std::uint64_t rank = 1; rank < request_.writers; ++rank)
      reports.push_back(rank_report_from_text(fleet_.hear(rank, request_.patience)));
    ask_clocks(
        [](const ClockBounds& before, const ClockBounds& now) { return between(before, now); });
    return put_together(reports);
  }

  std::vector<Death> finish() override { return {}; }

 private:
  std::string make_own_writer() {
    try {
      writer_ = std::make_unique<RankWriter>(request_.order, started_.group(), open_posix_file);
      return "";
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  std::string words_of(std::uint64_t rank, const std::string& answer) const {
    try {
      require_no_trouble(answer);
      return "";
    } catch (const std::exception& error) {
      return fmt::format("{}: {}", fleet_.name_of(rank), error.what());
    }
  }

  /// Who waits for others in vain leaves them waiting.
  RankReport race_ourselves() {
    try {
      return writer_->race(generation_);
    } catch (const std::exception&) {
      fleet_.lose_step();
      throw;
    }
  }

  std::vector<std::uint64_t> first_of_other_kernels() const {
    const std::vector<RankPlace>& places = fleet_.places();
    std::vector<std::string> seen{places[0].kernel};
    std::vector<std::uint64_t> ranks;
    for (std::uint64_t rank = 1; rank < request_.writers; ++rank) {
      if (std::ranges::count(seen, places[rank].kernel) > 0) continue;
      seen.push_back(places[rank].kernel);
      ranks.push_back(rank);
    }
    return ranks;
  }

  bool has_other_clock(std::uint64_t rank) const {
    return fleet_.places()[rank].clock != fleet_.places()[0].clock;
  }

  template <typename Merge>
  void ask_clocks(Merge merge) {
    for (std::uint64_t rank = 1; rank < request_.writers; ++rank)
      if (has_other_clock(rank))
        bounds_[rank] = merge(bounds_[rank], fleet_.ask_clock(rank, request_.patience));
  }

  GenerationReport put_together(const std::vector<RankReport>& reports) {
    GenerationReport all{.held = is_held(generation_)};
    std::vector<std::uint64_t> caches;
    for (std::uint64_t rank = 0; rank < reports.size(); ++rank) {
      const RankReport& report = reports[rank];
      if (report.state == WriterState::refused) throw RaceError(report.message, true);
      if (report.state == WriterState::failed)
        all.deaths.push_back({fmt::format("writer {}: {}", rank, report.message), true});
      if (report.finished != generation_) continue;
      all.writers.push_back(has_other_clock(rank) ? by_our_clock(report.report, bounds_[rank])
                                                  : report.report);
      caches.push_back(request_.caches[rank % request_.caches.size()]);
    }
    all.overlap_seconds = overlap_seconds(all.writers, caches);
    all.together_share = together_share(all.writers, caches, all.held);
    if (!all.deaths.empty()) all.promises = promises_of(reports);
    return all;
  }

  static std::vector<WriterPromise> promises_of(const std::vector<RankReport>& reports) {
    std::vector<WriterPromise> promises;
    for (const RankReport& report : reports) {
      const bool broke_off = report.begun > report.finished;
      promises.push_back({.kept = report.finished,
                          .newest = report.begun,
                          .newest_records = broke_off ? report.acknowledged_records : 0});
    }
    return promises;
  }

  LaunchRequest request_;
  Fleet& fleet_;
  StartedRace started_;
  std::unique_ptr<RankWriter> writer_;
  std::vector<ClockBounds> bounds_;
  unsigned generation_ = 0;
};

}  // namespace

std::unique_ptr<Crew> MpiLauncher::start(const LaunchRequest& request) const {
  const std::string& strategy = request.order.strategies.front();
  if (find_strategy(strategy).strategy.one_host_only() &&
      count_kernels(request.fleet->places(), request.writers) > 1)
    throw RaceError(strategy + " has a socket that ranks of other hosts cannot reach", true);
  return std::make_unique<RankCrew>(request);
}

}  // namespace npyrace
