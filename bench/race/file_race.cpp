#include "bench/race/file_race.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "bench/race/cell_verdict.h"
#include "bench/storage/sidecar.h"
#include "core/base/error.h"
#include "core/npy/npy_header.h"
#include "core/os/signals.h"

namespace npyrace {
namespace {

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

/// Number of damaged records of each writer that has any.
std::map<std::uint64_t, std::uint64_t> damaged_by_writer(const ArrayMap& map,
                                                         const Findings& findings) {
  std::map<std::uint64_t, std::uint64_t> damaged;
  for (const std::uint64_t element : findings.damaged)
    if (const auto writer = map.writer_of(element)) ++damaged[*writer];
  return damaged;
}

/// Writers whose records are all intact while others lost some.
std::vector<std::uint64_t> survivors(const ArrayMap& map, const Findings& findings) {
  const auto hurt = damaged_by_writer(map, findings);
  std::vector<std::uint64_t> whole;
  for (std::uint64_t writer = 0; writer < map.writers() && !hurt.empty(); ++writer)
    if (map.count(writer) > 0 && !hurt.contains(writer)) whole.push_back(writer);
  return whole;
}

void require_fit(const CellFiles& files) {
  const RaceContext& context = files.context();
  if (needs_locks(files.cell()) && !context.locks_problem.empty())
    throw RaceError(
        fmt::format("{}; mount with locks that reach all nodes (not nolock, local_lock), or write "
                    "without: list strategies",
                    context.locks_problem),
        true);
  for (const StrategyRow* row : files.cell().strategies) {
    const std::string unfit = row->strategy.unfit_for(files.map());
    if (!unfit.empty()) throw RaceError(unfit, true);
    if (row->strategy.needs_ranks && context.site.coordinator == nullptr)
      throw RaceError(no_ranks_reason(), true);
  }
}

std::unique_ptr<RaceFile> make_if_fit(CellFiles& files) {
  require_fit(files);
  return files.make();
}

}  // namespace

FileRace::FileRace(CellFiles& files, std::uint64_t most_generations)
    : files_(files),
      plan_(files.plan()),
      file_(make_if_fit(files)),
      stamp_seed_(files.fresh_stamp_seed()),
      readers_({.readers = plan_.readers,
                .array = files.array_as_made(),
                .stamp_seed = stamp_seed_,
                .paths = file_->paths(),
                .dirs = plan_.dirs(),
                .patience = plan_.patience}) {
  LaunchRequest request = files.launch_request(*file_, stamp_seed_, most_generations);
  request.on_file_in_use = [this] { file_->leave(); };
  started_ = {};
  writers_ = files.cell().launcher->start(request);
  result_.spent.starts += watch_.lap_seconds();
}

/// If the race breaks off, its file is kept as well.
template <typename Work>
void FileRace::or_break_off(Work work) {
  try {
    work();
  } catch (const Interrupted&) {
    throw;
  } catch (const ScanCancelled&) {
    throw;
  } catch (const std::exception& error) {
    if (dynamic_cast<const SystemError*>(&error) != nullptr)
      require_the_file();  // the error may be caused by a removed file: report that instead
    if (plan_.keep) keep(error.what());
    throw;
  }
}

void FileRace::race_generation(bool is_last) {
  or_break_off([&] {
    const GenerationReport report = let_writers_race();
    result_.readers.merge(readers_.pause());  // only the judge reads from now on
    result_.tally.note(report);
    result_.times.note(report);
    if (!report.caches.empty()) files_.adopt_caches(report.caches);
    if (expectation_.generation == 1) result_.first_generation_seconds = started_.lap_seconds();
    const bool replaced = adopt_replacement(report);
    require_the_file();
    check(is_last, replaced);
    note_size();
    require_the_file();
    result_.spent.checks += watch_.lap_seconds();
    // The others continue without a writer that was killed. If a writer failed by itself, or none
    // is left, the cell ends, but only after its file was checked: losses of others are reported.
    if (report.all_failed || std::ranges::any_of(report.failures, &WriterFailure::of_itself))
      throw RaceError(result_.tally.failure_summary(), false);
  });
}

GenerationReport FileRace::let_writers_race() {
  expectation_ = while_next_is_written(expectation_, files_.map().writers());
  const CacheRow& cache = *files_.cell().cache;
  const Site& site = files_.context().site;
  cache.prepare(file_->paths(), site.open_file);
  writers_->prepare_elsewhere(cache.name);
  if (cache.drops) site.drop_caches();
  readers_.go(expectation_.generation);
  try {
    result_.spent.starts += watch_.lap_seconds();
    GenerationReport report = writers_->race();
    result_.spent.races += watch_.lap_seconds();
    expectation_.promises = report.promises;
    return report;
  } catch (const RaceError& error) {
    if (!error.refused()) check_what_is_left();
    throw;
  }
}

void FileRace::finish() {
  or_break_off([&] {
    const std::vector<WriterFailure> failures = writers_->finish();
    RaceTally& tally = result_.tally;
    tally.failures.insert(tally.failures.end(), failures.begin(), failures.end());
    if (std::ranges::any_of(failures, &WriterFailure::of_itself))
      throw RaceError(tally.failure_summary(), false);
  });
  if (plan_.keep) keep("");
  result_.spent.starts += watch_.lap_seconds();
}

/// Checks the file after a launcher has given up.
void FileRace::check_what_is_left() {
  try {
    if (file_->identity().replacement_error().empty())
      take(files_.read_back(*file_, expectation_, stamp_seed_, false));
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception&) {
    return;  // the caller reports why the race ended
  }
}

/// Between generations only the uncached judge reads: other views would fill the page cache and
/// thereby change which records are lost next (on NFS they do).
void FileRace::check(bool every_view, bool replaced) {
  Findings findings = files_.read_back(*file_, expectation_, stamp_seed_, every_view);
  if (replaced) explain_replacement(findings);
  if (files_.runs_program() && !files_.truth()) note_writers_without_records(findings);
  take(std::move(findings));
}

/// Computes the damage pattern per file; offsets of different files are unrelated.
void FileRace::take(Findings findings) {
  const Parties parties = files_.parties();
  if (!files_.cell().contended())
    for (Example& example : findings.examples) example.unit_writers = {kCollector};
  result_.tally.damage.merge(damage_pattern(files_.map(), parties, findings.damaged));
  name_overwriters(files_.map(), parties, findings);
  findings.damaged.clear();
  result_.tally.findings.merge(std::move(findings));
}

/// A writer that never writes cannot be distinguished from one that loses all its records, until it
/// is run alone.
void FileRace::note_writers_without_records(const Findings& findings) {
  for (const auto& [writer, records] : damaged_by_writer(files_.map(), findings))
    if (records == files_.map().count(writer)) result_.tally.lost_all.insert(writer);
}

/// A program that saves by rename replaces the race file. Users keep the new file, so it is the one
/// to check. Returns true if it was replaced.
bool FileRace::adopt_replacement(const GenerationReport& report) {
  if (!files_.runs_program() || !report.replaced_file ||
      file_->identity().replacement_error().empty())
    return false;
  try {
    file_->adopt_named();
  } catch (const SystemError&) {
    return false;  // removed meanwhile: require_the_file reports that
  }
  files_.adopt_header(file_->path_in(plan_.judge_dir));
  return true;
}

/// Each replacement discards what others wrote after the replacing writer had read the file.
void FileRace::explain_replacement(Findings& findings) {
  if (!is_of_writers(file_->path_in(plan_.judge_dir), files_.map(), findings))
    throw RaceError(fmt::format("another process changed the file: {} was replaced by another file",
                                file_->paths().front()),
                    false);
  const std::vector<std::uint64_t> whole = survivors(files_.map(), findings);
  for (Example& example : findings.examples) example.overwritten_by = whole;
  std::string& words = result_.tally.file_damage;
  if (!words.empty()) return;
  words =
      "writers replace the file by a new one (rename), and each new file lacks what others wrote "
      "since its writer had read the old one";
  if (whole.size() == 1) words += fmt::format("; the last to do so was writer {}", whole.front());
}

/// Validators report the damaged records; this notes the cause for people.
void FileRace::note_size() {
  const std::string what = file_->identity().resized(file_->path_in(plan_.judge_dir));
  if (!what.empty()) result_.tally.interference = "the file " + what + " during the race";
}

void FileRace::require_the_file() const {
  require_same_file(*file_, result_.tally.failure_summary());
}

void FileRace::keep(const std::string& problem) {
  const CellDescription& cell = files_.cell().description;
  result_.kept_file = file_->keep(fmt::format("npyrace-kept-{}-{}-{:08x}.npy", cell.strategy,
                                              cell.layout, stamp_seed_ & 0xffffffff));
  write_sidecar(result_.kept_file,
                {.array = files_.array_as_made(),
                 .stamp_seed = stamp_seed_,
                 .generation = expectation_.generation,
                 .acknowledged = expectation_.promises.empty(),
                 .promises = expectation_.promises,
                 .id = new_array_id(),
                 .race = kept_race(files_, result_.tally, result_.times, problem)});
}

void require_same_file(const RaceFile& file, const std::string& failures) {
  const std::string what = file.identity().replacement_error();
  if (what.empty()) return;
  throw RaceError(fmt::format("another process changed the file: {} {}{}{}", file.paths().front(),
                              what, failures.empty() ? "" : "; ", failures),
                  false);
}

}  // namespace npyrace
