#include "bench/race/cell_race.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "bench/header_words.h"
#include "bench/interrupt.h"
#include "bench/launchers/exec_create.h"
#include "bench/mpi/world.h"
#include "bench/race/sidecar.h"
#include "bench/race/views.h"
#include "bench/settled_scan.h"
#include "bench/statistics.h"
#include "bench/stopwatch.h"
#include "bench/verdict.h"
#include "core/error.h"

namespace npyrace {
namespace {

/// To the nanosecond, which is all the clock tells, they are short in JSON.
void append(const std::vector<double>& seconds, std::vector<double>& all) {
  for (const double one : seconds) all.push_back(std::round(one * 1e9) / 1e9);
}

}  // namespace

CellRace::CellRace(const RunPlan& plan, const Cell& cell, RaceContext context)
    : plan_(plan),
      cell_(cell),
      context_(std::move(context)),
      map_(cell.array),
      caches_(cell.caches),
      cache_count_(cell.cache_count()),
      shared_(cell.contended() && cell.tells_who_writes() ? count_shared_units(map_, caches_)
                                                          : SharedUnits{}),
      generations_(cell.description.generations) {}

std::optional<RepetitionResult> CellRace::repeat() {
  if (!attempt([this] { repetitions_.push_back(race_once()); })) return std::nullopt;
  return repetitions_.back();
}

/// False once the cell has failed or was refused; nothing is tried then.
template <typename Race>
bool CellRace::attempt(Race race) {
  if (!problem_.empty()) return false;
  try {
    race();
    return true;
  } catch (const Interrupted&) {
    throw;
  } catch (const ScanCancelled&) {
    throw Interrupted();
  } catch (const RaceError& error) {
    refused_ = error.refused();
    problem_ = error.what();
  } catch (const std::exception& error) {
    problem_ = error.what();
  }
  return false;
}

bool CellRace::wants_trials() const {
  if (!problem_.empty() || !all_.deaths.empty() || cell_.padded || !cell_.contended()) return false;
  if (!cell_.tells_who_writes()) return false;  // no trials are counted
  if (plan_.keep) return false;                 // the kept file is to be the last one
  const Evidence seen = evidence(all_);
  return seen.chance_to_miss >= kRareLossMissed && verdict(all_, seen).verdict == Verdict::safe;
}

void CellRace::try_more(double at_most_seconds) {
  Stopwatch watch;
  double passed_seconds = 0;
  further_ = true;
  attempt([&] {
    race_file(kLastGeneration, [&] {
      passed_seconds += watch.lap_seconds();
      return passed_seconds < at_most_seconds && wants_trials();
    });
  });
}

RepetitionResult CellRace::race_once() {
  std::uint64_t raced = 0;
  race_file(generations_, [&] { return ++raced < generations_; });
  return {.seconds = race_.seconds,
          .generations = race_.generations_timed,
          .generation_seconds = race_.generation_seconds,
          .generation_cpu_seconds = race_.generation_cpu_seconds};
}

void CellRace::race_file(std::uint64_t most_generations, const std::function<bool()>& go_on) {
  if (needs_locks(cell_) && !context_.locks_problem.empty())
    throw RaceError(context_.locks_problem, true);
  race_ = {};
  require_fit();
  RaceFile file(plan_.dirs(), map_, context_.open_file, maker());
  adopt_header(file);
  context_.settle();  // what the creator wrote is no part of the race
  // Every file has stamps of its own, whatever the seed of the run: what another file left on the
  // disk, and a file system hands out again, is foreign and never looks right.
  const std::string array_id = new_array_id();
  const std::uint64_t stamp_seed = stamp_seed_of(plan_.seed, array_id);
  ReaderCrew readers({.readers = plan_.readers,
                      .array = map_.request(),
                      .stamp_seed = stamp_seed,
                      .paths = file.paths(),
                      .dirs = plan_.dirs(),
                      .patience = plan_.patience});
  started_ = {};
  const auto crew = cell_.launcher->launcher.start(
      {.order = {.array = map_.request(),
                 .paths = file.paths(),
                 .strategies = cell_.writer_strategies(),
                 .sync = cell_.description.sync,
                 .local_dir = plan_.local_dir,
                 .stamp_seed = stamp_seed,
                 .generations = static_cast<unsigned>(most_generations)},
       .writers = cell_.description.writers,
       .caches = caches_,
       .exec = {.command = plan_.exec.command_of(cell_.description.strategy),
                .scheduler = plan_.exec.scheduler,
                .time_limit = plan_.exec.time_limit},
       .slurm = plan_.slurm,
       .patience = plan_.patience,
       .fleet = context_.fleet,
       .tell = context_.tell});
  std::uint64_t generation = 0;
  do {
    try {
      race_generation(*crew, readers, file, ++generation, stamp_seed);
    } catch (const SystemError&) {
      require_the_file(file);  // what is missing now may have been taken away
      throw;
    }
  } while (go_on());
  note(crew->finish());
  if (plan_.keep) keep(file, array_id);
}

void CellRace::require_fit() const {
  for (const StrategyRow* row : cell_.strategies) {
    const std::string unfit = row->strategy.unfit_for(map_);
    if (!unfit.empty()) throw RaceError(unfit, true);
    if (row->strategy.needs_ranks() && context_.fleet == nullptr)
      throw RaceError(no_ranks_reason(), true);
  }
}

void CellRace::race_generation(Crew& crew, ReaderCrew& readers, const RaceFile& file,
                               std::uint64_t generation, std::uint64_t stamp_seed) {
  cell_.cache->prepare(file.paths(), context_.open_file);
  crew.prepare_elsewhere(cell_.cache->name);
  if (cell_.cache->drops) context_.drop_caches();
  readers.go(static_cast<unsigned>(generation));
  const GenerationReport report = crew.race();
  seen_.merge(readers.pause());  // the judge is alone with the file
  race_.note(report);
  all_.note(report);
  adopt_caches(report);
  if (generation == 1 && repetitions_.empty()) fit_budget(started_.lap_seconds());
  require_the_file(file);
  check(file, {.generation = static_cast<unsigned>(generation), .promises = report.promises},
        stamp_seed);
  note_size(file);
  require_the_file(file);
  require_somebody_fit(report);
}

/// Where a queue decides who runs where, each generation may go otherwise: what is shared is what
/// was shared in every one of them.
void CellRace::adopt_caches(const GenerationReport& report) {
  if (report.caches.empty()) return;
  const SharedUnits now = count_shared_units(map_, report.caches);
  const bool first = all_.generations == 1;
  shared_.by_writers = first ? now.by_writers : std::min(shared_.by_writers, now.by_writers);
  shared_.by_caches = first ? now.by_caches : std::min(shared_.by_caches, now.by_caches);
  caches_ = report.caches;
  cache_count_ = std::set(caches_.begin(), caches_.end()).size();
}

/// A program's header may have other bytes than ours and mean the same; then data begin elsewhere.
void CellRace::adopt_header(const RaceFile& file) {
  if (plan_.exec.create.empty()) return;
  map_ = ArrayMap(with_own_header(cell_.array, file.paths().front()));
  if (cell_.contended() && cell_.tells_who_writes()) shared_ = count_shared_units(map_, caches_);
}

/// Who makes the array: we, or the user's own program.
ArrayMaker CellRace::maker() const {
  if (plan_.exec.create.empty()) return array_maker(Making::synced);
  const ExecCreateRequest request{.command = plan_.exec.create,
                                  .writers = cell_.description.writers,
                                  .time_limit = plan_.patience};
  return [request](const std::string& path, const ArrayMap& map, const FileOpener&) {
    create_by_program(request, path, map);
  };
}

/// Others go on without a writer that was killed. One that failed, or nobody left, ends the cell,
/// but only after what it left was looked at: what others lost is the news.
void CellRace::require_somebody_fit(const GenerationReport& report) const {
  const bool failed = std::ranges::any_of(report.deaths, &Death::of_itself);
  if (failed || report.nobody_left) throw RaceError(race_.obituary(), false);
}

/// Another file under the name is not the one that was raced: its content proves nothing.
void CellRace::require_the_file(const RaceFile& file) const {
  const std::string what = file.identity().stranger();
  if (what.empty()) return;
  const std::string deaths = race_.obituary();
  throw RaceError(fmt::format("somebody interfered: {} {}{}{}", file.paths().front(), what,
                              deaths.empty() ? "" : "; ", deaths),
                  false);
}

/// What that did to records is a matter for validators; people want to hear the cause.
void CellRace::note_size(const RaceFile& file) {
  const std::string what = file.identity().resized(file.path_in(plan_.judge_dir));
  if (what.empty()) return;
  for (RaceTally* tally : {&race_, &all_})
    tally->interference = "the file " + what + " during the race";
}

void CellRace::note(const std::vector<Death>& deaths) {
  for (RaceTally* tally : {&race_, &all_})
    tally->deaths.insert(tally->deaths.end(), deaths.begin(), deaths.end());
  if (std::ranges::any_of(deaths, &Death::of_itself)) throw RaceError(race_.obituary(), false);
}

/// Every repetition has as many generations as the first: decided once, from how long one takes.
void CellRace::fit_budget(double generation_seconds) {
  if (cell_.budget_seconds <= 0) return;
  // One that is let run, for the time, and one that is held, for the truth: race_order.h.
  constexpr double kFewest = 2;
  const double affordable = std::max(kFewest, cell_.budget_seconds / generation_seconds);
  if (affordable < static_cast<double>(generations_))
    generations_ = static_cast<std::uint64_t>(affordable);
}

void CellRace::keep(RaceFile& file, const std::string& array_id) {
  const std::uint64_t stamp_seed = stamp_seed_of(plan_.seed, array_id);
  kept_file_ = file.keep(fmt::format("npyrace-kept-{}-{}-{:08x}.npy", cell_.description.strategy,
                                     cell_.description.layout, stamp_seed & 0xffffffff));
  write_sidecar(kept_file_, {.array = map_.request(),
                             .stamp_seed = stamp_seed,
                             .generation = static_cast<unsigned>(generations_),
                             .acknowledged = promises_.empty(),
                             .promises = promises_,
                             .id = array_id,
                             .race = kept_race()});
}

/// verify must come to the verdict that this file alone would have had.
KeptRace CellRace::kept_race() const {
  const Evidence seen = evidence(race_);
  Judgement judgement = verdict(race_, seen);
  return {.strategy = cell_.description.strategy,
          .sync = cell_.description.sync,
          .cache = cell_.description.cache,
          .launcher = cell_.description.launcher,
          .mounts = cell_.description.mounts,
          .seconds = race_.seconds,
          .phases = median_phases(race_.phases),
          .overlap_seconds = seen.overlap_seconds,
          .overlapped_share = seen.overlapped_share,
          .units_shared_by_writers = seen.units_shared_by_writers,
          .units_shared_by_mounts = seen.units_shared_by_mounts,
          .trials = seen.trials,
          .verdict = judgement.verdict,
          .reason = std::move(judgement.reason)};
}

// Between generations only the uncached judge reads: reading through a page cache would warm it and
// so change who loses in the next one (on NFS it does). Every view is read after the last.
void CellRace::check(const RaceFile& file, Expectation expectation, std::uint64_t stamp_seed) {
  context_.settle();
  const View judge =
      choose_judge(file.path_in(plan_.judge_dir), plan_.judge_dir, context_.open_file);
  ScanRequest request{.subject = {.map = map_,
                                  .stamper = map_.stamper(stamp_seed),
                                  .expectation = std::move(expectation)},
                      .open_file = context_.open_file,
                      .judge = judge,
                      .cancelled = interrupted};
  judge_ = judge;
  if (is_last(request.subject.expectation.generation)) {
    request.views = choose_views(file.paths(), plan_.dirs(), context_.open_file, judge);
    views_ = request.views;
  }
  take(scan_settled(request, context_.scan));
  promises_ = request.subject.expectation.promises;
}

/// Who races for more trials goes on until they are enough: no generation is known as the last.
bool CellRace::is_last(std::uint64_t generation) const {
  return !further_ && generation == generations_;
}

/// Damage is looked at file by file: what lies side by side in two files has nothing in common.
void CellRace::take(Findings findings) {
  const Parties parties = cell_.contended() ? Parties(caches_) : Parties::one();
  if (!cell_.contended())
    for (Example& example : findings.examples) example.unit_writers = {kCollector};
  const DamagePattern pattern = damage_pattern(map_, parties, findings.damaged);
  name_overwriters(map_, parties, findings);
  damage_.merge(pattern);
  findings.damaged.clear();
  race_.findings.merge(findings);
  all_.findings.merge(std::move(findings));
}

Evidence CellRace::evidence(const RaceTally& tally) const {
  Evidence evidence{
      .records_checked = tally.findings.records_checked,
      .generations = generations_,
      .generations_timed = repetitions_.empty() ? 0 : repetitions_.front().generations,
      .overlap_seconds = tally.overlap_seconds,
      .overlapped_share = tally.overlapped_share(),
      .chance_of_mistake = chance_of_mistake(map_.stamp_bits())};
  for (const View& view : views_) evidence.read_paths.push_back(view.label);
  if (judge_) {
    evidence.read_paths.push_back(judge_->label);
    evidence.judge = judge_->label;
    evidence.judge_uncached = context_.judge.uncached;
  }
  evidence.units_shared_by_writers = shared_.by_writers;
  evidence.units_shared_by_mounts = shared_.by_caches;
  evidence.trials = tally.trials(shared_.contended(cache_count_));
  evidence.chance_to_miss = chance_to_miss(evidence.trials);
  return evidence;
}

Judgement CellRace::verdict(const RaceTally& tally, const Evidence& evidence) const {
  // Damage that was seen counts, even if the race broke off later.
  if (tally.findings.anomalies.damaging() == 0 && !problem_.empty())
    return {refused_ ? Verdict::skipped : Verdict::failed,
            problem_ + (tally.interference.empty() ? "" : "; " + tally.interference)};
  Judgement judgement = judge({.anomalies = tally.findings.anomalies,
                               .unwritten = tally.findings.unwritten,
                               .writers = map_.writers(),
                               .caches = cache_count_,
                               .mounts = cell_.description.mounts,
                               .contended = cell_.contended(),
                               .tells_who_writes = cell_.tells_who_writes(),
                               .padded = cell_.padded,
                               .uncached_judge = context_.judge.uncached,
                               .judge_doubt = context_.judge.doubt,
                               .uncached_differences = tally.findings.uncached_differences,
                               .evidence = evidence});
  if (!problem_.empty())
    judgement.reason += "; then: " + problem_;
  else if (!tally.deaths.empty())
    judgement.reason = tally.obituary() + "; " + judgement.reason;
  if (!tally.interference.empty()) judgement.reason += "; " + tally.interference;
  return judgement;
}

CellResult CellRace::result() const {
  CellResult result{.cell = cell_.description,
                    .evidence = evidence(all_),
                    .anomalies = all_.findings.anomalies,
                    .unwritten = all_.findings.unwritten,
                    .examples = all_.findings.examples,
                    .attribution = attribution(damage_),
                    .page_map = page_map(map_, all_.findings.damaged_tiles),
                    .phases = median_phases(all_.phases),
                    .file_bytes = map_.file_bytes(),
                    .file = kept_file_};
  if (plan_.readers > 0) {
    result.readers = seen_;
    result.readers->readers = plan_.readers;
  }
  Judgement judgement = verdict(all_, result.evidence);
  result.verdict = judgement.verdict;
  result.reason = std::move(judgement.reason);
  std::vector<double> rates;
  for (const RepetitionResult& repetition : repetitions_) {
    result.seconds.push_back(repetition.seconds);
    append(repetition.generation_seconds, result.generation_seconds);
    append(repetition.generation_cpu_seconds, result.generation_cpu_seconds);
    rates.push_back(static_cast<double>(map_.records() * repetition.generations) /
                    repetition.seconds);
  }
  if (std::ranges::count(result.generation_cpu_seconds, 0) > 0)
    result.generation_cpu_seconds.clear();  // not known of all
  result.records_per_second = median(rates);
  result.records_per_second_interval = median_interval(rates);
  return result;
}

}  // namespace npyrace
