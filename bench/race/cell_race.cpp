#include "bench/race/cell_race.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "bench/analysis/statistics.h"
#include "bench/race/program_alone.h"
#include "core/npy/dtype.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

/// Rounds to nanoseconds, the resolution of the clock, which keeps the JSON short.
void append_rounded(const std::vector<double>& seconds, std::vector<double>& all) {
  for (const double one : seconds) all.push_back(std::round(one * 1e9) / 1e9);
}

}  // namespace

CellRace::CellRace(const RunPlan& plan, const Cell& cell, const RaceContext& context)
    : files_(plan, cell, context), generations_(cell.description.generations) {}

std::optional<RaceTimes> CellRace::repeat() {
  if (!attempt([this] { repetitions_.push_back(race_once()); })) return std::nullopt;
  return repetitions_.back();
}

/// Returns false if the race failed, or without racing if an earlier one did.
template <typename Race>
bool CellRace::attempt(Race race) {
  if (!end_.problem.empty()) return false;
  try {
    race();
    return true;
  } catch (const Interrupted&) {
    throw;
  } catch (const ScanCancelled&) {
    throw Interrupted();
  } catch (const RaceError& error) {
    end_.refused = error.refused();
    end_.problem = error.what();
  } catch (const std::exception& error) {
    end_.problem = error.what();
  }
  return false;
}

bool CellRace::wants_trials(const RaceTally& tally) const {
  const Cell& cell = files_.cell();
  if (!end_.problem.empty() || !tally.failures.empty() || !cell.contended()) return false;
  if (!cell.tells_who_writes()) return false;  // trials are not counted
  if (files_.plan().keep) return false;        // the kept file must be that of the last repetition
  const Evidence seen = evidence_of(files_, tally);
  return seen.chance_to_miss >= kRareLossMissed &&
         judge_cell(files_, tally, seen, end_).verdict == Verdict::safe;
}

void CellRace::try_more(double at_most_seconds) {
  Stopwatch watch;
  double passed_seconds = 0;
  const auto wants_more = [&](const RaceTally& tally) {
    passed_seconds += watch.lap_seconds();
    return passed_seconds < at_most_seconds && wants_trials(tally);
  };
  further_ = true;
  const RaceTally before = all_;
  const std::size_t phases_before = phases_.size();
  attempt([&] {
    do
      race_file(kLastGeneration, [&](const FileResult& so_far) {
        RaceTally sum = all_;
        sum.merge(so_far.tally);
        return so_far.tally.generations < kLastGeneration && wants_more(sum);
      });
    while (wants_more(all_));
  });
  if (end_.problem.empty() || all_.shows_damage()) return;
  // All repetitions succeeded: an error while racing for more trials does not invalidate them.
  all_ = before;
  phases_.resize(phases_before);
  end_.further_problem = std::exchange(end_.problem, "");
}

RaceTimes CellRace::race_once() {
  if (files_.plan().exec.serial) return race_serially();
  if (files_.runs_program() && !std::exchange(tried_alone_, true)) try_alone(0);
  RaceTimes times = race_file(generations_, [&](const FileResult& so_far) {
    return so_far.tally.generations < generations_;
  });
  if (!all_.lost_all.empty() && !std::exchange(tried_loser_, true))
    try_alone(*all_.lost_all.begin());
  return times;
}

/// Uses a new array for each generation: the program writes the same content each time, so a
/// missing write would otherwise not be visible.
RaceTimes CellRace::race_serially() {
  if (!files_.truth()) learn_truth(files_);
  RaceTimes sum;
  for (std::uint64_t generation = 0; generation < generations_; ++generation)
    sum.merge(race_file(1, [](const FileResult&) { return false; }));
  return sum;
}

/// Throws RaceError if the site is broken: damage would then be the site's, not the strategy's.
void CellRace::require_site() const {
  if (const std::string why = files_.context().site.broken(); !why.empty() && !interrupted())
    throw RaceError(why, false);
}

/// Races on a new file until `go_on` returns false. What it found counts, even if it broke off.
RaceTimes CellRace::race_file(std::uint64_t most_generations, const GoOn& go_on) {
  require_site();
  FileRace race(files_, most_generations);
  const FileResult& result = race.result();
  const auto race_until_done = [&] {
    do {
      race.race_generation(is_last(result.tally.generations + 1));
      if (result.tally.generations == 1 && repetitions_.empty())
        fit_budget(result.first_generation_seconds);
    } while (go_on(result));
    race.finish();
  };
  try {
    race_until_done();
  } catch (...) {
    require_site();
    add(result);
    throw;
  }
  require_site();
  add(result);
  return result.times;
}

void CellRace::add(const FileResult& file) {
  spent_.add_parts(file.spent);
  all_.merge(file.tally);
  phases_.insert(phases_.end(), file.times.phases.begin(), file.times.phases.end());
  readers_.merge(file.readers);
  if (!file.kept_file.empty()) kept_file_ = file.kept_file;
}

void CellRace::try_alone(std::uint64_t writer) {
  const AloneResult alone = npyrace::try_alone(files_, writer);
  if (!alone.late.empty()) all_.file_damage = alone.late;
  if (alone.fault.empty()) return;
  all_ = {};  // earlier losses are the program's fault
  phases_ = {};
  throw RaceError(alone.fault, false);
}

/// Fixes the number of generations for all repetitions, from the duration of the first generation.
void CellRace::fit_budget(double generation_seconds) {
  const double budget_seconds = files_.cell().budget_seconds;
  if (budget_seconds <= 0) return;
  // At least one timed and one synchronized generation, see is_held in race_order.h.
  constexpr double kFewest = 2;
  const double affordable = std::max(kFewest, budget_seconds / generation_seconds);
  if (affordable < static_cast<double>(generations_))
    generations_ = static_cast<std::uint64_t>(affordable);
}

/// In extra-trial mode the last generation is not known in advance.
bool CellRace::is_last(std::uint64_t generation) const {
  return !further_ && generation == generations_;
}

Judgement CellRace::judgement(const Evidence& evidence) const {
  Judgement judgement = judge_cell(files_, all_, evidence, end_);
  const std::uint64_t planned = files_.cell().repetitions;
  if (!interrupted() || !end_.problem.empty() || repetitions_.size() >= planned) return judgement;
  const char* why = interruption_words();
  if (all_.generations == 0)
    return {Verdict::inconclusive, fmt::format("{} before it was raced", why)};
  judgement.reason += repetitions_.empty() ? fmt::format("; {} in its first repetition", why)
                                           : fmt::format("; {} after {} of {} repetitions", why,
                                                         repetitions_.size(), planned);
  return judgement;
}

CellResult CellRace::result() const {
  CellResult result{.cell = files_.cell().description,
                    .evidence = evidence_of(files_, all_),
                    .anomalies = all_.findings.anomalies,
                    .unwritten = all_.findings.unwritten,
                    .examples = all_.findings.examples,
                    .attribution = attribution(all_.damage),
                    .page_map = page_map(map(), all_.findings.damaged_tiles),
                    .phases = median_phases(phases_),
                    .file_bytes = map().file_bytes(),
                    .file = kept_file_};
  result.evidence.generations = generations_;
  if (!repetitions_.empty()) result.evidence.generations_timed = repetitions_.front().generations;
  result.cell.records = map().records();
  result.cell.record_bytes = map().record_bytes();
  result.cell.descr = descr_text(dtype_from_text(map().request().descr));
  result.cell.row_shape = map().request().row_shape;
  if (files_.plan().readers > 0) {
    result.readers = readers_;
    result.readers->readers = files_.plan().readers;
  }
  Judgement judged = judgement(result.evidence);
  result.verdict = judged.verdict;
  result.reason = std::move(judged.reason);
  add_times(result);
  return result;
}

void CellRace::add_times(CellResult& result) const {
  std::vector<double> rates;
  for (const RaceTimes& repetition : repetitions_) {
    result.seconds.push_back(repetition.seconds);
    append_rounded(repetition.generation_seconds, result.generation_seconds);
    append_rounded(repetition.generation_cpu_seconds, result.generation_cpu_seconds);
    rates.push_back(static_cast<double>(map().records() * repetition.generations) /
                    repetition.seconds);
  }
  if (std::ranges::count(result.generation_cpu_seconds, 0) > 0)
    result.generation_cpu_seconds.clear();  // unknown for some generations
  result.records_per_second = median(rates);
  result.records_per_second_interval = median_interval(rates);
}

}  // namespace npyrace
