#include "bench/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "bench/benchmark_driver.h"
#include "bench/interrupt.h"
#include "bench/mounts.h"
#include "bench/plan.h"
#include "bench/race/sidecar.h"
#include "bench/race/views.h"
#include "bench/stopwatch.h"
#include "core/attribution.h"
#include "core/dtype_descr.h"
#include "core/error.h"
#include "core/npy_header.h"
#include "validators/scan.h"

namespace npyrace {
namespace {

bool described_by_options(const VerifyOptions& options) {
  return options.array.records || !options.array.shape.empty() || options.placement.seed;
}

/// A packed array says itself how many records it has and what they are.
ArrayRequest request_from_header(const std::string& file) {
  const NpyHeader header = read_header(file);
  if (header.fortran_order) throw FormatError(file + ": Fortran order; records must be contiguous");
  if (header.shape.empty()) throw FormatError(file + ": an array without an axis has no records");
  return {.descr = descr_text(header.dtype),
          .row_shape = {header.shape.begin() + 1, header.shape.end()},
          .records = header.shape.front()};
}

Sidecar from_options(const std::string& file, const VerifyOptions& options) {
  const bool sized = options.array.records || !options.array.shape.empty();
  const ArrayRequest request = placed(
      sized ? array_request(options.array, 0) : request_from_header(file), options.placement);
  return {.array = request, .stamp_seed = request.seed};
}

/// What the file must hold: from the options where they say it, else from the sidecar.
Sidecar expectation_of(const std::string& file, const VerifyOptions& options) {
  Sidecar known;
  if (described_by_options(options)) {
    known = from_options(file, options);
  } else if (const auto sidecar = read_sidecar(file)) {
    known = *sidecar;
  } else {
    throw FormatError(
        fmt::format("{}: nothing says what must be in it: there is no {}, and neither "
                    "--seed nor --records was given",
                    file, sidecar_path(file)));
  }
  if (options.generation) {
    known.generation = *options.generation;
    known.acknowledged = true;
  }
  return known;
}

/// The same file in other directories.
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

/// One file, read back and judged.
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
      result_.seconds = {watch.lap_seconds()};
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
    const Sidecar known = expectation_of(file_, options_);
    const ArrayMap map(known.array);
    describe(known, map);
    const std::vector<std::string> dirs = dirs_of(file_, options_);
    const std::vector<std::string> paths = paths_of(file_, dirs);
    const View judge = options_.via.empty()
                           ? choose_judge(file_, dirs[0], open_file_)
                           : make_view(find_read_path(options_.via).name, file_, dirs[0]);
    ScanRequest request{.subject = {.map = map,
                                    .stamper = Stamper(known.stamp_seed),
                                    .expectation = {.generation = known.generation}},
                        .open_file = open_file_,
                        .judge = judge,
                        .views = choose_views(paths, dirs, open_file_, judge),
                        .cancelled = interrupted};
    if (!known.acknowledged)
      request.subject.expectation.acknowledged.assign(static_cast<std::size_t>(map.writers()),
                                                      false);
    take(scan(request), request);
  }

  void describe(const Sidecar& known, const ArrayMap& map) {
    result_.cell.layout = known.array.layout;
    result_.cell.align_bytes = known.array.align_bytes;
    result_.cell.ownership = ownership_name(known.array.ownership);
    result_.cell.writers = known.array.writers;
    result_.cell.mounts = 1 + options_.also_from.size();
    result_.cell.records = map.records();
    result_.cell.record_bytes = map.record_bytes();
    result_.cell.generations = known.generation;
    result_.file_bytes = open_file_(file_, {})->size_bytes();
    expected_bytes_ = map.file_bytes();
  }

  void take(Findings findings, const ScanRequest& request) {
    attribute(findings, request.subject.map);
    result_.anomalies = findings.anomalies;
    result_.unwritten = findings.unwritten;
    result_.examples = std::move(findings.examples);
    result_.evidence.records_checked = findings.records_checked;
    result_.evidence.generations = request.subject.expectation.generation;
    result_.evidence.chance_of_mistake = chance_of_mistake(request.subject.map.record_bytes());
    for (const View& view : request.views) result_.evidence.read_paths.push_back(view.label);
    result_.evidence.read_paths.push_back(request.judge.label);
    result_.evidence.judge = request.judge.label;
    result_.evidence.judge_uncached = request.judge.read_path->uncached;
    judge();
  }

  /// Nothing tells which writer wrote through which mount: each is a party of its own.
  void attribute(Findings& findings, const ArrayMap& map) {
    const Parties parties({0});
    const DamagePattern pattern = damage_pattern(map, parties, findings.damaged);
    result_.attribution = attribution(pattern);
    name_overwriters(map, parties, pattern, findings);
  }

  /// A file at rest: either its records are right or they are not; nothing raced.
  void judge() {
    if (result_.anomalies.damaging() > 0) {
      result_.verdict = Verdict::unsafe;
      result_.reason = "damaged records";
    } else if (result_.unwritten > 0) {
      result_.verdict = Verdict::inconclusive;
      result_.reason = fmt::format("{} records were never written", result_.unwritten);
    } else {
      result_.verdict = Verdict::safe;
      result_.reason = "every record holds what its writer wrote last";
    }
    if (result_.file_bytes != expected_bytes_)
      result_.reason += fmt::format("; the file has {} bytes, its array needs {}",
                                    result_.file_bytes, expected_bytes_);
  }

  std::string file_;
  const VerifyOptions& options_;
  const FileOpener& open_file_;
  CellResult result_;
  std::uint64_t expected_bytes_ = 0;
};

}  // namespace

RunResult verify_files(const VerifyOptions& options, const FileOpener& open_file) {
  // What was mistyped is a usage error, said at once.
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
