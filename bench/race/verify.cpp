#include "bench/race/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "bench/analysis/statistics.h"
#include "bench/analysis/verdict.h"
#include "bench/launchers/jobs_evidence.h"
#include "bench/plan/plan.h"
#include "bench/race/reference.h"
#include "bench/storage/known_array.h"
#include "bench/storage/mounts.h"
#include "bench/storage/place_trials.h"
#include "bench/storage/views.h"
#include "core/array/layout.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"
#include "core/result/attribution.h"

namespace npyrace {
namespace {

/// Launcher name for writers that were started independently.
constexpr const char* kJobLauncher = "array";
std::string share_more(const std::string& ownership) {
  return fmt::format("create the array with {}more --records, and write again",
                     ownership == "cyclic" ? "" : "--ownership cyclic or ");
}
/// Advice for jobs that did not overlap.
constexpr const char* kMeet =
    "write again with npyrace write --together SECONDS, which lets jobs wait for each other";

/// The expected content. With --generation, all writers count as having acknowledged it.
Sidecar expected_in(const std::string& file, const VerifyOptions& options) {
  Sidecar known = known_array(file, options.array, options.placement);
  known.array = with_own_header(known.array, file);
  if (options.generation) {
    known.generation = *options.generation;
    known.acknowledged = true;
    known.promises.clear();
    known.race.reset();
  }
  return known;
}

/// Paths of the same file in other directories.
std::vector<std::string> paths_of(const std::string& file, const std::vector<std::string>& dirs) {
  std::vector<std::string> paths{file};
  for (std::size_t i = 1; i < dirs.size(); ++i)
    paths.push_back(dirs[i] + "/" + std::filesystem::path(file).filename().string());
  return paths;
}

std::vector<std::string> dirs_of(const std::string& file, const VerifyOptions& options) {
  const std::string parent = std::filesystem::path(file).parent_path().string();
  std::vector<std::string> dirs{parent.empty() ? "." : parent};
  dirs.insert(dirs.end(), options.also_from.begin(), options.also_from.end());
  return dirs;
}

/// Scans one file and judges it.
class FileCheck {
 public:
  FileCheck(std::string file, const VerifyOptions& options, const FileOpener& open_file)
      : file_(std::move(file)), options_(options), open_file_(open_file) {
    result_.cell.name = "verify/" + file_;
    result_.file = file_;
  }

  Measurement run() {
    try {
      Stopwatch watch;
      check();
      const double verify_seconds = watch.lap_seconds();
      if (result_.seconds.empty() || result_.seconds.front() <= 0)
        result_.seconds = {verify_seconds};
      result_.records_per_second =
          static_cast<double>(result_.evidence.records_checked) / result_.seconds.front();
      result_.records_per_second_interval = {result_.records_per_second,
                                             result_.records_per_second};
      return {.seconds = result_.seconds.front()};
    } catch (const std::exception& error) {
      result_.verdict = Verdict::failed;
      result_.reason = error.what();
      return {.error = error.what()};
    }
  }

  const CellResult& result() const { return result_; }

 private:
  void check() {
    const Sidecar known = expected_in(file_, options_);
    const ArrayMap map(known.array);
    // --generation overrides job records.
    const JobsSeen jobs = options_.generation ? JobsSeen{} : look_at_jobs(file_, known);
    describe(known, map);
    const std::vector<std::string> dirs = dirs_of(file_, options_);
    const std::vector<std::string> paths = paths_of(file_, dirs);
    const View judge = options_.via.empty() ? choose_judge(file_, dirs[0], open_file_)
                                            : make_view(options_.via.c_str(), file_, dirs[0]);
    const ScanRequest request{.subject = {.map = map,
                                          .stamper = map.stamper(known.stamp_seed),
                                          .expectation = expectation_of(known, jobs)},
                              .open_file = open_file_,
                              .judge = judge,
                              .views = options_.via.empty()
                                           ? choose_views(paths, dirs, open_file_, judge)
                                           : same_views_of_others(paths, dirs),
                              .cancelled = interrupted};
    take(scan_settled(request), request);
    std::size_t caches = 1;
    if (jobs.any())
      caches = take(jobs, request.subject);
    else if (known.race)
      take(*known.race);
    decide(known, caches, judge.read_path->uncached);
  }

  /// The chosen read path through all mounts but the judge's.
  std::vector<View> same_views_of_others(const std::vector<std::string>& paths,
                                         const std::vector<std::string>& dirs) const {
    std::vector<View> views;
    for (std::size_t i = 1; i < paths.size(); ++i)
      views.push_back(make_view(options_.via.c_str(), paths[i], dirs[i]));
    return views;
  }

  void describe(const Sidecar& known, const ArrayMap& map) {
    result_.cell.layout = known.array.layout;
    result_.cell.align_bytes = known.array.align_bytes;
    result_.cell.ownership = ownership_name(known.array.ownership);
    result_.cell.writers = known.array.writers;
    result_.cell.mounts = 1 + options_.also_from.size();
    result_.cell.records = map.records();
    result_.cell.record_bytes = map.record_bytes();
    result_.cell.descr = known.array.descr;
    result_.cell.row_shape = known.array.row_shape;
    result_.file_bytes = open_file_(file_, {})->size_bytes();
    expected_bytes_ = map.file_bytes();
  }

  void take(Findings findings, const ScanRequest& request) {
    attribute(findings, request.subject.map);
    result_.anomalies = findings.anomalies;
    result_.unwritten = findings.unwritten;
    uncached_differences_ = findings.uncached_differences;
    result_.examples = std::move(findings.examples);
    result_.cell.generations = request.subject.expectation.generation;
    result_.evidence.records_checked = findings.records_checked;
    result_.evidence.generations = request.subject.expectation.generation;
    result_.evidence.chance_of_mistake = chance_of_mistake(request.subject.map.stamp_bits());
    for (const View& view : request.views) result_.evidence.read_paths.push_back(view.label);
    result_.evidence.read_paths.push_back(request.judge.label);
    result_.evidence.judge = request.judge.label;
    result_.evidence.judge_uncached = request.judge.read_path->uncached;
  }

  /// It is unknown which writer used which mount, so each is a party of its own.
  void attribute(Findings& findings, const ArrayMap& map) {
    const Parties parties({0});
    const DamagePattern pattern = damage_pattern(map, parties, findings.damaged);
    result_.attribution = attribution(pattern);
    result_.page_map = page_map(map, std::move(findings.damaged_tiles));
    name_overwriters(map, parties, findings);
  }

  /// Adds the jobs' evidence; returns the number of page caches that they used.
  std::size_t take(const JobsSeen& jobs, const Subject& subject) {
    const unsigned generation = subject.expectation.generation;
    result_.jobs = summary_of(jobs, generation);
    if (result_.jobs->missing.size() == jobs.records.size()) {
      result_.cell.launcher = kJobLauncher;
      return 1;
    }
    const JobsEvidence seen = evidence_of(jobs, generation);
    result_.jobs->clock_error_seconds = seen.clock_error_seconds;
    result_.jobs->incomparable = seen.incomparable;
    const auto [shared, at_risk] = count_units(subject.map, seen.caches);
    const auto units = static_cast<double>(at_risk.contended(seen.cache_count));
    take({.strategy = seen.strategy,
          .sync = seen.sync,
          .launcher = kJobLauncher,
          .mounts = seen.cache_count,
          .seconds = seen.seconds,
          .phases = seen.phases,
          .overlap_seconds = seen.overlap_seconds,
          .overlapped_share = seen.overlap_seconds > 0 ? 1.0 : 0.0,
          .units_shared_by_writers = shared.by_writers,
          .units_shared_by_mounts = shared.by_caches,
          .trials = static_cast<std::uint64_t>(seen.together_share * units),
          .file_trials = seen.overlap_seconds > 0});
    return seen.cache_count;
  }

  void take(const KeptRace& race) {
    result_.cell.strategy = race.strategy;
    result_.cell.sync = race.sync;
    result_.cell.cache = race.cache;
    result_.cell.launcher = race.launcher;
    result_.cell.mounts = race.mounts;
    result_.seconds = {race.seconds};
    result_.phases = race.phases;
    result_.evidence.overlap_seconds = race.overlap_seconds;
    result_.evidence.overlapped_share = race.overlapped_share;
    result_.evidence.units_shared_by_writers = race.units_shared_by_writers;
    result_.evidence.units_shared_by_mounts = race.units_shared_by_mounts;
    result_.evidence.trials = race.trials;
    result_.evidence.file_trials = race.file_trials;
    result_.evidence.chance_to_miss = chance_to_miss(race.trials);
  }

  void decide(const Sidecar& known, std::size_t caches, bool uncached_judge) {
    const std::string more = share_more(result_.cell.ownership);
    Judgement judgement = judgement_of(known, {.anomalies = result_.anomalies,
                                               .unwritten = result_.unwritten,
                                               .owners = count_owners(ArrayMap(known.array)),
                                               .caches = caches,
                                               .mounts = result_.cell.mounts,
                                               .padded = find_layout(known.array.layout).padded,
                                               .uncached_judge = uncached_judge,
                                               .uncached_differences = uncached_differences_,
                                               .more_overlap = kMeet,
                                               .more_trials = more.c_str(),
                                               .more_sharing = more.c_str(),
                                               .evidence = result_.evidence});
    result_.verdict = judgement.verdict;
    result_.reason = std::move(judgement.reason);
    // Without the times of one worker the overlap of all is unknown.
    if (result_.jobs && !result_.jobs->missing.empty()) {
      const std::string silent = fmt::format("{} of {} workers have not reported",
                                             result_.jobs->missing.size(), result_.jobs->workers);
      if (result_.verdict == Verdict::safe) {
        result_.verdict = Verdict::inconclusive;
        result_.reason = silent + ", so it is unknown when they wrote";
      } else {
        result_.reason += "; " + silent;
      }
    }
    // A changed data type of equal size damages no record but makes all values wrong.
    if (result_.anomalies[Anomaly::header] > 0) {
      explain_header(result_.examples, file_, ArrayMap(known.array));
      result_.reason += "; " + header_words(file_, ArrayMap(known.array));
      if (const std::string saved = saved_over_words(file_); !saved.empty())
        result_.reason += "; " + saved;
    }
    if (result_.anomalies[Anomaly::foreign] > 0 && known.id.empty())
      result_.reason +=
          "; what create and run wrote is told by FILE.npyrace.json alone, not by --seed";
    if (result_.file_bytes != expected_bytes_)
      result_.reason += fmt::format("; the file has {} bytes, its array needs {}",
                                    result_.file_bytes, expected_bytes_);
  }

  /// Versions before 0.2 recorded races without trials as safe.
  static Judgement of_the_race(const KeptRace& race) {
    const std::string reason = "in the race that made it: " + race.reason;
    if (race.verdict == Verdict::safe && race.trials == 0)
      return {Verdict::inconclusive, reason + "; but no trials were counted"};
    // A race that ended early says nothing about the file, which was readable.
    if (race.verdict == Verdict::failed) return {Verdict::inconclusive, reason};
    return {race.verdict, reason};
  }

  /// Damage and missing records in the file take precedence. Overlap is known from job records or
  /// from the run that kept the file; other files have only their records.
  Judgement judgement_of(const Sidecar& known, const VerdictInput& input) const {
    if (input.anomalies.damaging() > 0 || input.uncached_differences > 0) return judge(input);
    if (result_.jobs) return judge(input);
    if (known.race && (input.unwritten == 0 || known.race->verdict != Verdict::safe))
      return of_the_race(*known.race);
    const std::uint64_t stale = input.anomalies[Anomaly::stale];
    if (input.unwritten > 0 || (stale > 0 && !input.uncached_judge)) return judge(input);
    return {
        Verdict::inconclusive,
        "every record holds what was expected, but nothing here tells which processes wrote it, or "
        "that two wrote at the same time" +
            (stale > 0 ? fmt::format("; {} seen old in a cached view", stale) : "")};
  }

  std::string file_;
  const VerifyOptions& options_;
  const FileOpener& open_file_;
  CellResult result_;
  std::uint64_t expected_bytes_ = 0;
  std::uint64_t uncached_differences_ = 0;
};

}  // namespace

RunResult verify_files(const VerifyOptions& options, const FileOpener& open_file) {
  // Reports typing errors before any file is read.
  if (!options.via.empty()) find_read_path(options.via);
  placed(array_request(options.array, 1), options.placement);
  std::vector<FileCheck> checks;
  for (const std::string& file : options.files) checks.emplace_back(file, options, open_file);
  std::vector<BenchmarkCase> cases;
  for (FileCheck& check : checks)
    cases.push_back(
        {.name = check.result().cell.name, .measure = [&check] { return check.run(); }});
  RunResult result{.google_benchmark_json = run_benchmarks(cases),
                   .environment = look_at_environment({}),
                   .seed = options.placement.seed.value_or(0),
                   .recommendation = {.why = "nothing was raced"}};
  for (const FileCheck& check : checks) result.cells.push_back(check.result());
  return result;
}

ExitCode verify_exit_code(const RunResult& result, bool complete) {
  const auto any = [&](auto holds) { return std::ranges::any_of(result.cells, holds); };
  const bool damaged = any([&](const CellResult& cell) {
    return cell.verdict == Verdict::unsafe || (complete && cell.unwritten > 0);
  });
  if (damaged) return ExitCode::unsafe;
  return any([](const CellResult& cell) { return cell.verdict == Verdict::failed; })
             ? ExitCode::trouble
             : ExitCode::fine;
}

}  // namespace npyrace
