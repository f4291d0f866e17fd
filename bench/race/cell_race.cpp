#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "bench/analysis/statistics.h"
#include "bench/analysis/verdict.h"
#include "bench/launchers/exec_program.h"
#include "bench/race/cell_race.h"
#include "bench/remote/world.h"
#include "bench/storage/known_array.h"
#include "bench/storage/place_trials.h"
#include "bench/storage/sidecar.h"
#include "bench/storage/views.h"
#include "core/base/error.h"
#include "core/npy/dtype.h"
#include "core/npy/npy_header.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"
#include "core/os/temporary_folder.h"

namespace npyrace {
namespace {

/// Rounds to nanoseconds, the resolution of the clock, which keeps the JSON short.
void append(const std::vector<double>& seconds, std::vector<double>& all) {
  for (const double one : seconds) all.push_back(std::round(one * 1e9) / 1e9);
}

/// True if the file was created by a writer: it contains stamped records, or its header describes
/// the same array.
bool is_of_writers(const std::string& path, const ArrayMap& map, const Findings& findings) {
  const std::uint64_t wrong = findings.damaged.size() + findings.unwritten;
  if (findings.records_checked > wrong) return true;
  try {
    const NpyHeader header = read_header(path);
    return header.data_bytes() == map.elements() * map.element_bytes();
  } catch (const std::exception&) {
    return false;
  }
}

/// Writers whose records are all intact while others lost some.
std::vector<std::uint64_t> survivors(const ArrayMap& map, const Findings& findings) {
  std::set<std::uint64_t> hurt;
  for (const std::uint64_t element : findings.damaged)
    if (const auto writer = map.writer_of(element)) hurt.insert(*writer);
  std::vector<std::uint64_t> whole;
  for (std::uint64_t writer = 0; writer < map.writers() && !hurt.empty(); ++writer)
    if (map.count(writer) > 0 && !hurt.contains(writer)) whole.push_back(writer);
  return whole;
}

}  // namespace

CellRace::CellRace(const RunPlan& plan, const Cell& cell, RaceContext context)
    : plan_(plan),
      cell_(cell),
      context_(std::move(context)),
      map_(cell.array),
      caches_(cell.caches),
      cache_count_(cell.cache_count()),
      units_(cell.tells_who_writes() ? count_units(map_, caches_) : UnitCounts{}),
      generations_(cell.description.generations) {
  if (!cell.contended()) units_.shared = {};
}

void RepetitionResult::add(const RaceTally& race) {
  seconds += race.seconds;
  generations += race.generations_timed;
  generation_seconds.insert(generation_seconds.end(), race.generation_seconds.begin(),
                            race.generation_seconds.end());
  generation_cpu_seconds.insert(generation_cpu_seconds.end(), race.generation_cpu_seconds.begin(),
                                race.generation_cpu_seconds.end());
}

std::optional<RepetitionResult> CellRace::repeat() {
  if (!attempt([this] { repetitions_.push_back(race_once()); })) return std::nullopt;
  return repetitions_.back();
}

/// Returns false if the race failed, or without racing if an earlier one did.
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
  if (!problem_.empty() || !all_.deaths.empty() || !cell_.contended()) return false;
  if (!cell_.tells_who_writes()) return false;  // trials are not counted
  if (plan_.keep) return false;                 // the kept file must be that of the last repetition
  const Evidence seen = evidence(all_);
  return seen.chance_to_miss >= kRareLossMissed && verdict(all_, seen).verdict == Verdict::safe;
}

void CellRace::try_more(double at_most_seconds) {
  Stopwatch watch;
  double passed_seconds = 0;
  const auto wants_more = [&] {
    passed_seconds += watch.lap_seconds();
    return passed_seconds < at_most_seconds && wants_trials();
  };
  further_ = true;
  const RaceTally all_before = all_;
  const DamagePattern damage_before = damage_;
  attempt([&] {
    do {
      std::uint64_t raced = 0;
      race_file(kLastGeneration, [&] { return ++raced < kLastGeneration && wants_more(); });
    } while (wants_more());
  });
  if (problem_.empty() || all_.shows_damage()) return;
  // All repetitions succeeded: an error while racing for more trials does not invalidate them.
  all_ = all_before;
  damage_ = damage_before;
  further_problem_ = std::exchange(problem_, "");
}

RepetitionResult CellRace::race_once() {
  if (plan_.exec.serial) return race_serially();
  if (runs_program() && !std::exchange(tried_alone_, true)) try_alone(0);
  std::uint64_t raced = 0;
  race_file(generations_, [&] { return ++raced < generations_; });
  if (!lost_all_.empty() && !std::exchange(tried_loser_, true)) try_alone(*lost_all_.begin());
  RepetitionResult result;
  result.add(race_);
  return result;
}

/// Uses a new array for each generation: the program writes the same content each time, so a
/// missing write would otherwise not be visible.
RepetitionResult CellRace::race_serially() {
  learn_truth_once();
  RepetitionResult sum;
  for (std::uint64_t generation = 0; generation < generations_; ++generation) {
    race_file(1, [] { return false; });
    sum.add(race_);
  }
  return sum;
}

void CellRace::learn_truth_once() {
  if (truth_) return;
  ArrayRequest array = cell_.array;
  if (!plan_.exec.create.empty()) array = request_of_program(array);
  map_ = ArrayMap(array);
  truth_ =
      learn_truth(array, {.writers = cell_.description.writers,
                          .make_file =
                              [this] {
                                auto file = std::make_unique<RaceFile>(plan_.dirs(), map_,
                                                                       context_.open_file, maker());
                                context_.settle();
                                return file;
                              },
                          .run_alone =
                              [this](const RaceFile& file, std::uint64_t writer) {
                                return run_alone(launch_request(file, 0, 1), writer);
                              },
                          .content = [this](const RaceFile& file) { return content_of(file); }});
  map_ = ArrayMap(truth_->array);
  units_ = count_units(map_, caches_);
}

/// Runs the user's create command once and derives the request from the resulting array.
ArrayRequest CellRace::request_of_program(const ArrayRequest& array) const {
  const PrivateFolder folder("exec");
  const std::string path = folder.file("array.npy");
  run_create_program(create_request(), path, map_);
  ArrayRequest made;
  try {
    made = array_in_file(path);
    if (made.records == 0) throw FormatError("it has no records");
    ArrayMap{made};
  } catch (const std::exception& error) {
    throw RaceError(
        fmt::format("--exec-create: made an array that cannot be raced: {}", error.what()), false);
  }
  made.writers = array.writers;
  made.align_bytes = array.align_bytes;
  return made;
}

std::vector<std::byte> CellRace::content_of(const RaceFile& file) const {
  context_.settle();
  const std::string path = file.path_in(plan_.judge_dir);
  const View judge = choose_judge(path, plan_.judge_dir, context_.open_file);
  const std::uint64_t size_bytes = context_.open_file(path, {})->size_bytes();
  const auto reader = judge.read_path->open(context_.open_file, path);
  constexpr std::uint64_t kPieceBytes = 4 << 20;
  std::vector<std::byte> content;
  for (std::uint64_t at = 0; at < size_bytes; at += kPieceBytes) {
    const auto piece =
        reader->read(at, static_cast<std::size_t>(std::min(kPieceBytes, size_bytes - at)));
    content.insert(content.end(), piece.begin(), piece.end());
  }
  return content;
}

void CellRace::race_file(std::uint64_t most_generations, const std::function<bool()>& go_on) {
  if (needs_locks(cell_) && !context_.locks_problem.empty())
    throw RaceError(
        fmt::format("{}; mount with locks that reach all nodes (not nolock, local_lock), or write "
                    "without: list strategies",
                    context_.locks_problem),
        true);
  race_ = {};
  require_fit();
  const std::unique_ptr<RaceFile> made = make_race_file();
  RaceFile& file = *made;
  const std::uint64_t stamp_seed = fresh_stamp_seed();
  ReaderCrew readers({.readers = plan_.readers,
                      .array = array_as_made(),
                      .stamp_seed = stamp_seed,
                      .paths = file.paths(),
                      .dirs = plan_.dirs(),
                      .patience = plan_.patience});
  started_ = {};
  LaunchRequest request = launch_request(file, stamp_seed, most_generations);
  request.leave_files = [&file] { file.leave(); };
  const auto crew = cell_.launcher->start(request);
  std::uint64_t generation = 0;
  try {
    do {
      race_generation(*crew, readers, file, ++generation, stamp_seed);
    } while (go_on());
    note(crew->finish());
  } catch (const Interrupted&) {
    throw;
  } catch (const ScanCancelled&) {
    throw;
  } catch (const std::exception& error) {
    if (dynamic_cast<const SystemError*>(&error) != nullptr)
      require_the_file(file);  // the error may be caused by a removed file: report that instead
    problem_ = error.what();
    if (plan_.keep) keep(file, stamp_seed, generation);
    throw;
  }
  if (plan_.keep) keep(file, stamp_seed, generation);
}

/// A fresh file. The creator's writes are settled, because they are not part of the race.
std::unique_ptr<RaceFile> CellRace::make_race_file() {
  auto file = std::make_unique<RaceFile>(plan_.dirs(), map_, context_.open_file, maker());
  if (!plan_.exec.create.empty()) adopt_header(file->paths().front());
  context_.settle();
  return file;
}

GenerationReport CellRace::run_alone(const LaunchRequest& request, std::uint64_t writer) const {
  LaunchRequest alone = request;
  alone.only_writer = writer;
  return cell_.launcher->start(alone)->race();
}

LaunchRequest CellRace::launch_request(const RaceFile& file, std::uint64_t stamp_seed,
                                       std::uint64_t most_generations) const {
  return {.order = {.array = array_as_made(),
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
                   .time_limit = plan_.exec.time_limit,
                   .stamps = !plan_.exec.serial},
          .slurm = plan_.slurm,
          .patience = plan_.patience,
          .fleet = context_.fleet,
          .tell = context_.tell};
}

/// If the program, run alone, leaves wrong records, the program is at fault and not the file
/// system: it ended before its unsynced data arrived, or did not write them. In the latter case it
/// is run twice: a file system that loses writes would lose other records the second time.
void CellRace::try_alone(std::uint64_t writer) {
  const auto [wrong, comes_late] = wrong_alone(writer, LateData::wait);
  if (wrong.empty()) return;
  if (comes_late) {
    all_.struck_file =
        "writers ended before their records were in the file: they came seconds later. "
        "The program has to sync (flush() of a NumPy memmap, msync, fsync) before it ends";
    return;
  }
  if (wrong_alone(writer, LateData::ignore).wrong != wrong) return;
  all_ = {};  // earlier losses are the program's fault
  damage_ = {};
  throw RaceError(
      fmt::format(
          "your program, run alone as writer {}, did not write NPYRACE_EXPECT into its slice "
          "of NPYRACE_FILE: {} of its {} records are wrong, the first is record {} at byte {}. "
          "Let it copy array[start:stop:step] from NPYRACE_EXPECT to NPYRACE_FILE, or, if it writes numbers of "
          "its own that are the same each time, add --expect serial (docs/programs.md)",
          writer, wrong.size(), map_.count(writer), wrong.front(),
          map_.record_offset_bytes(wrong.front())),
      false);
}

/// Runs one writer alone and returns its wrong records. Returns none if it owns no records, has
/// created the array anew, or fails alone: it may wait for the others.
CellRace::AloneOutcome CellRace::wrong_alone(std::uint64_t writer, LateData late_data) {
  constexpr std::chrono::seconds kLongest{10};
  if (map_.count(writer) == 0) return {};
  const std::unique_ptr<RaceFile> made = make_race_file();
  const RaceFile& file = *made;
  const std::uint64_t stamp_seed = fresh_stamp_seed();
  LaunchRequest request = launch_request(file, stamp_seed, 1);
  request.patience = std::min(request.patience, kLongest);
  const GenerationReport report = run_alone(request, writer);
  if (!report.deaths.empty() || report.replaced_file) return {};
  require_the_file(file);
  const auto wrong_now = [&] {
    const Findings found =
        look(file, {.generation = 1, .promises = report.promises}, stamp_seed, false);
    std::vector<std::uint64_t> wrong;
    for (const std::uint64_t element : found.damaged)
      if (map_.writer_of(element) == writer) wrong.push_back(element);
    return wrong;
  };
  AloneOutcome outcome{.wrong = wrong_now()};
  if (outcome.wrong.empty() || made_anew(file)) return {};
  if (late_data == LateData::wait)
    outcome.comes_late = comes_late([&] { return wrong_now().empty(); });
  return outcome;
}

/// True if the records become correct within ten seconds after their writer has ended: a node may
/// keep unsynced stores to a mapping that long. Does not wait if all writers share one page cache,
/// in which such stores are visible at once.
bool CellRace::comes_late(const std::function<bool()>& is_right) const {
  constexpr std::chrono::seconds kLongest{10};
  constexpr std::chrono::milliseconds kPause{500};
  context_.settle();
  if (is_right()) return true;
  const bool one_cache = plan_.mounts.size() == 1 && plan_.mounts.front().description.one_node;
  const std::int64_t end_ns = monotonic_ns() + std::chrono::nanoseconds(kLongest).count();
  while (plan_.lab.empty() && !one_cache && monotonic_ns() < end_ns) {
    if (interrupted()) throw Interrupted();
    std::this_thread::sleep_for(kPause);
    if (is_right()) return true;
  }
  return false;
}

/// True if the program has created the array anew, as mode 'w+' does. Its records may then lie at
/// other offsets, so the run alone is no evidence and only the race counts.
bool CellRace::made_anew(const RaceFile& file) const {
  try {
    const NpyHeader header = read_header(file.path_in(plan_.judge_dir));
    return header.data_offset_bytes != map_.data_offset_bytes();
  } catch (const FormatError&) {
    return true;
  }
}

void CellRace::require_fit() const {
  for (const StrategyRow* row : cell_.strategies) {
    const std::string unfit = row->strategy.unfit_for(map_);
    if (!unfit.empty()) throw RaceError(unfit, true);
    if (row->strategy.needs_ranks() && context_.fleet == nullptr)
      throw RaceError(no_ranks_reason(), true);
  }
}

void CellRace::race_generation(WriterGroup& crew, ReaderCrew& readers, RaceFile& file,
                               std::uint64_t generation, std::uint64_t stamp_seed) {
  cell_.cache->prepare(file.paths(), context_.open_file);
  crew.prepare_elsewhere(cell_.cache->name);
  if (cell_.cache->drops) context_.drop_caches();
  readers.go(static_cast<unsigned>(generation));
  GenerationReport report;
  try {
    report = crew.race();
  } catch (const RaceError& error) {
    if (!error.refused()) judge_what_is_left(file, generation, stamp_seed);
    throw;
  }
  seen_.merge(readers.pause());  // only the judge reads from now on
  race_.note(report);
  all_.note(report);
  adopt_caches(report);
  if (generation == 1 && repetitions_.empty()) fit_budget(started_.lap_seconds());
  const bool replaced = adopt_replacement(file, report);
  if (replaced) adopt_header(file.path_in(plan_.judge_dir));
  require_the_file(file);
  check(file, {.generation = static_cast<unsigned>(generation), .promises = report.promises},
        stamp_seed, replaced);
  note_size(file);
  require_the_file(file);
  require_somebody_fit(report);
}

/// Checks the file after a launcher has given up: each writer may have written its last generation
/// completely, partly, or not at all.
void CellRace::judge_what_is_left(const RaceFile& file, std::uint64_t generation,
                                  std::uint64_t stamp_seed) {
  Expectation expectation{.generation = static_cast<unsigned>(generation), .promises = promises_};
  if (expectation.promises.empty())
    expectation.promises.assign(static_cast<std::size_t>(map_.writers()),
                                {.kept = expectation.generation - 1});
  for (WriterPromise& promise : expectation.promises) promise.newest = expectation.generation;
  context_.scan = npyrace::scan;  // hanging ranks cannot take part in the scan
  try {
    if (file.identity().stranger().empty()) take(look(file, expectation, stamp_seed, false));
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception&) {
    return;  // the caller reports why the race ended
  }
}

/// A scheduler may place tasks differently each generation; keeps the minimum of shared units seen.
void CellRace::adopt_caches(const GenerationReport& report) {
  const bool first = all_.generations == 1;
  if (report.caches.empty() || (!first && report.caches == caches_)) return;
  const UnitCounts now = count_units(map_, report.caches);
  units_ = first ? now
                 : UnitCounts{.shared = fewest(units_.shared, now.shared),
                              .at_risk = fewest(units_.at_risk, now.at_risk)};
  caches_ = report.caches;
  cache_count_ = std::set(caches_.begin(), caches_.end()).size();
}

/// A program's header may differ from ours in its bytes but not in meaning; the data offset then
/// differs.
void CellRace::adopt_header(const std::string& path) {
  if (truth_) return;  // truth_ includes the exact bytes of the header
  const ArrayRequest made = with_own_header(map_.request(), path);
  if (made.header == map_.request().header) return;
  map_ = ArrayMap(made);
  units_ = count_units(map_, caches_);
}

/// The request that is sent to writers: with the header of the actual file.
ArrayRequest CellRace::array_as_made() const {
  ArrayRequest array = cell_.array;
  if (!plan_.exec.serial) array.header = map_.request().header;
  return array;
}

/// Every file has a stamp seed of its own, independent of the run's seed: stale blocks of a deleted
/// file that the file system reuses are then recognised as foreign.
std::uint64_t CellRace::fresh_stamp_seed() const {
  return stamp_seed_of(plan_.seed, new_array_id());
}

/// Creates the array ourselves or by the user's program.
ArrayMaker CellRace::maker() const {
  if (plan_.exec.create.empty()) return array_maker(Making::synced);
  return [request = create_request(), any = plan_.exec.serial](
             const std::string& path, const ArrayMap& map, const FileOpener&) {
    any ? run_create_program(request, path, map) : create_by_program(request, path, map);
  };
}

ExecCreateRequest CellRace::create_request() const {
  return {.command = plan_.exec.create,
          .writers = cell_.description.writers,
          .time_limit = plan_.patience};
}

/// The others continue without a writer that was killed. If a writer failed by itself, or none is
/// left, the cell ends, but only after its file was checked, because losses of others must be
/// reported.
void CellRace::require_somebody_fit(const GenerationReport& report) const {
  const bool failed = std::ranges::any_of(report.deaths, &Death::of_itself);
  if (failed || report.nobody_left) throw RaceError(race_.obituary(), false);
}

/// Throws if another file has the name: its content is no evidence.
void CellRace::require_the_file(const RaceFile& file) const {
  const std::string what = file.identity().stranger();
  if (what.empty()) return;
  const std::string deaths = race_.obituary();
  throw RaceError(fmt::format("another process changed the file: {} {}{}{}", file.paths().front(),
                              what, deaths.empty() ? "" : "; ", deaths),
                  false);
}

/// A program that saves by rename replaces the race file. Users keep the new file, so it is the one
/// to check. Returns true if it was replaced.
bool CellRace::adopt_replacement(RaceFile& file, const GenerationReport& report) const {
  if (!runs_program() || !report.replaced_file || file.identity().stranger().empty()) return false;
  try {
    file.adopt_named();
  } catch (const SystemError&) {
    return false;  // removed meanwhile: require_the_file reports that
  }
  return true;
}

/// Each replacement discards what others wrote after the replacing writer had read the file.
void CellRace::explain_replacement(const RaceFile& file, Findings& findings) {
  if (!is_of_writers(file.path_in(plan_.judge_dir), map_, findings))
    throw RaceError(fmt::format("another process changed the file: {} was replaced by another file",
                                file.paths().front()),
                    false);
  const std::vector<std::uint64_t> whole = survivors(map_, findings);
  for (Example& example : findings.examples) example.overwritten_by = whole;
  std::string words =
      "writers replace the file by a new one (rename), and each new file lacks what others wrote "
      "since its writer had read the old one";
  if (whole.size() == 1) words += fmt::format("; the last to do so was writer {}", whole.front());
  for (RaceTally* tally : {&race_, &all_})
    if (tally->struck_file.empty()) tally->struck_file = words;
}

/// Validators report the damaged records; this notes the cause for people.
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

/// Fixes the number of generations for all repetitions, from the duration of the first generation.
void CellRace::fit_budget(double generation_seconds) {
  if (cell_.budget_seconds <= 0) return;
  // At least one timed and one held generation, see is_held in race_order.h.
  constexpr double kFewest = 2;
  const double affordable = std::max(kFewest, cell_.budget_seconds / generation_seconds);
  if (affordable < static_cast<double>(generations_))
    generations_ = static_cast<std::uint64_t>(affordable);
}

void CellRace::keep(RaceFile& file, std::uint64_t stamp_seed, std::uint64_t generation) {
  std::vector<WriterPromise> promises = promises_;
  // The race ended early: the progress of its last generation is unknown.
  if (!problem_.empty() && promises.empty())
    promises.assign(static_cast<std::size_t>(map_.writers()),
                    {.kept = static_cast<unsigned>(generation - 1),
                     .newest = static_cast<unsigned>(generation)});
  kept_file_ = file.keep(fmt::format("npyrace-kept-{}-{}-{:08x}.npy", cell_.description.strategy,
                                     cell_.description.layout, stamp_seed & 0xffffffff));
  write_sidecar(kept_file_, {.array = array_as_made(),
                             .stamp_seed = stamp_seed,
                             .generation = static_cast<unsigned>(generation),
                             .acknowledged = promises.empty(),
                             .promises = promises,
                             .id = new_array_id(),
                             .race = kept_race()});
}

/// Evidence of this file alone, so that verify arrives at the same verdict.
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
          .file_trials = seen.file_trials,
          .verdict = judgement.verdict,
          .reason = std::move(judgement.reason)};
}

// Between generations only the uncached judge reads: other views would fill the page cache and
// thereby change which records are lost next (on NFS they do). All views are read after the last
// generation.
void CellRace::check(const RaceFile& file, Expectation expectation, std::uint64_t stamp_seed,
                     bool replaced) {
  Findings findings = look(file, expectation, stamp_seed, is_last(expectation.generation));
  if (replaced) explain_replacement(file, findings);
  if (runs_program() && !truth_) note_who_lost_all(findings);
  take(std::move(findings));
  promises_ = std::move(expectation.promises);
}

/// A writer that never writes cannot be distinguished from one that loses all its records;
/// try_alone checks it.
void CellRace::note_who_lost_all(const Findings& findings) {
  std::map<std::uint64_t, std::uint64_t> lost;
  for (const std::uint64_t element : findings.damaged)
    if (const auto writer = map_.writer_of(element)) ++lost[*writer];
  for (const auto& [writer, records] : lost)
    if (records == map_.count(writer)) lost_all_.insert(writer);
}

Findings CellRace::look(const RaceFile& file, const Expectation& expectation,
                        std::uint64_t stamp_seed, bool every_view) {
  runs_program() ? context_.settle_synced() : context_.settle();
  const View judge =
      choose_judge(file.path_in(plan_.judge_dir), plan_.judge_dir, context_.open_file);
  ScanRequest request{
      .subject = {.map = map_, .stamper = map_.stamper(stamp_seed), .expectation = expectation},
      .open_file = context_.open_file,
      .judge = judge,
      .cancelled = interrupted};
  judge_ = judge;
  if (truth_) return look_at_truth(expectation, judge);
  if (every_view) {
    request.views = choose_views(file.paths(), plan_.dirs(), context_.open_file, judge);
    views_ = request.views;
  }
  return scan_settled(request, context_.scan);
}

Findings CellRace::look_at_truth(const Expectation& expectation, const View& judge) const {
  TruthScan scan{.map = map_,
                 .truth = truth_->truth,
                 .open_file = context_.open_file,
                 .judge = judge,
                 .cancelled = interrupted};
  for (const WriterPromise& promise : expectation.promises)
    scan.unacknowledged.push_back(promise.kept < promise.newest);
  return compare_with_truth(scan);
}

/// In extra-trial mode the last generation is not known in advance.
bool CellRace::is_last(std::uint64_t generation) const {
  return !further_ && generation == generations_;
}

/// Computes the damage pattern per file; offsets of different files are unrelated.
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
      // With --expect serial all bytes are compared, so that no damage can go unnoticed.
      .chance_of_mistake = truth_ ? 0 : chance_of_mistake(map_.stamp_bits())};
  for (const View& view : views_) evidence.read_paths.push_back(view.label);
  if (judge_) {
    evidence.read_paths.push_back(judge_->label);
    evidence.judge = judge_->label;
    evidence.judge_uncached = context_.judge.uncached;
  }
  evidence.units_shared_by_writers = units_.shared.by_writers;
  evidence.units_shared_by_mounts = units_.shared.by_caches;
  evidence.trials = trials(tally);
  evidence.file_trials = tally.generations_overlapped;
  evidence.struck_file = tally.struck_file;
  evidence.chance_to_miss = chance_to_miss(evidence.trials);
  return evidence;
}

/// If one writer writes the file, every generation is a trial without any overlap.
std::uint64_t CellRace::trials(const RaceTally& tally) const {
  if (!cell_.contended()) return tally.generations * units_.at_risk.by_writers;
  return tally.trials(units_.at_risk.contended(cache_count_));
}

/// If several writers change a record, a lost update depends on timing only.
std::string CellRace::no_proof() const {
  if (!truth_ || !truth_->first_shared) return "";
  return fmt::format(
      "nothing was lost, but several writers change the same records (the first is record {}): whenever "
      "two meet there, one update is lost",
      *truth_->first_shared);
}

Judgement CellRace::verdict(const RaceTally& tally, const Evidence& evidence) const {
  // Damage counts even if the race ended early.
  if (!tally.shows_damage() && !problem_.empty())
    return {refused_ ? Verdict::skipped : Verdict::failed,
            problem_ + (tally.interference.empty() ? "" : "; " + tally.interference)};
  Judgement judgement =
      judge({.anomalies = tally.findings.anomalies,
             .unwritten = tally.findings.unwritten,
             .owners = count_owners(map_),
             .caches = cache_count_,
             .mounts = cell_.description.mounts,
             .contended = cell_.contended(),
             .tells_who_writes = cell_.tells_who_writes(),
             .foreign_program = runs_program(),
             .padded = cell_.padded,
             .uncached_judge = context_.judge.uncached,
             .judge_doubt = context_.judge.doubt,
             .uncached_differences = tally.findings.uncached_differences,
             .more_sharing = truth_ ? "the program's writers keep to units of their own"
                                    : VerdictInput{}.more_sharing,
             .no_proof = no_proof(),
             .evidence = evidence});
  if (truth_ && !truth_->idle.empty())
    judgement.reason +=
        fmt::format("; alone, writer {} changes nothing", fmt::join(truth_->idle, " or "));
  if (!problem_.empty())
    judgement.reason += "; then: " + problem_;
  else if (!tally.deaths.empty())
    judgement.reason = tally.obituary() + "; " + judgement.reason;
  if (!tally.interference.empty()) judgement.reason += "; " + tally.interference;
  if (!further_problem_.empty())
    judgement.reason += "; more trials could not be had: " + further_problem_;
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
  result.cell.records = map_.records();
  result.cell.record_bytes = map_.record_bytes();
  result.cell.descr = descr_text(dtype_from_text(map_.request().descr));
  result.cell.row_shape = map_.request().row_shape;
  if (plan_.readers > 0) {
    result.readers = seen_;
    result.readers->readers = plan_.readers;
  }
  Judgement judgement = verdict(all_, result.evidence);
  const std::uint64_t missing =
      cell_.repetitions - std::min(cell_.repetitions, repetitions_.size());
  if (interrupted() && problem_.empty() && missing > 0) {
    if (all_.generations == 0)
      judgement = {Verdict::inconclusive, "interrupted before it was raced"};
    else if (repetitions_.empty())
      judgement.reason += "; interrupted in its first repetition";
    else
      judgement.reason += fmt::format("; interrupted after {} of {} repetitions",
                                      repetitions_.size(), cell_.repetitions);
  }
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
    result.generation_cpu_seconds.clear();  // unknown for some generations
  result.records_per_second = median(rates);
  result.records_per_second_interval = median_interval(rates);
  return result;
}

}  // namespace npyrace
