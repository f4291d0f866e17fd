#include "bench/compare/measurements.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

#include "bench/analysis/statistics.h"
#include "core/base/error.h"
#include "core/base/table.h"
#include "core/file/atomic_file.h"
#include "reports/json/json_fields.h"
#include "reports/json/json_result.h"

namespace npyrace {
namespace {

constexpr const char* kUsualReference = "reference/write-loop";

CellSamples& samples_named(std::vector<CellSamples>& cells, const std::string& name) {
  const auto known = std::ranges::find(cells, name, &CellSamples::name);
  return known == cells.end() ? cells.emplace_back(CellSamples{.name = name}) : *known;
}

/// One of Google Benchmark's time units in seconds.
double unit_seconds(const JsonFields& json, const std::string& unit) {
  for (const auto& [name, seconds] :
       {std::pair("ns", 1e-9), std::pair("us", 1e-6), std::pair("ms", 1e-3), std::pair("s", 1.0)})
    if (unit == name) return seconds;
  json.wrong(fmt::format("time_unit '{}' is not known", unit));
}

/// One row of "benchmarks". Old versions write no run_type.
struct Row {
  std::string name;
  std::string run_type = "iteration";
  std::string aggregate_name;
  std::string trouble;  ///< why the benchmark has no time
  double seconds = 0, cpu_seconds = 0;
};

/// Benchmarks that called SkipWithError or SkipWithMessage have a row without a time.
std::string trouble_in(JsonFields& json) {
  bool error = false, skipped = false;
  std::string message;
  json("error_occurred", error);
  json("skipped", skipped);
  json("error_message", message);
  json("skip_message", message);
  if (!error && !skipped) return "";
  return fmt::format("{}{}{}", error ? "error" : "skipped", message.empty() ? "" : ": ", message);
}

// These descriptions are only read: the benchmark library writes the format.

void describe(JsonFields& json, Row& row) {
  row.trouble = trouble_in(json);
  json.required("name", row.name);
  json("run_name", row.name);
  json("run_type", row.run_type);
  json("aggregate_name", row.aggregate_name);
  // Complexities, which old versions do not mark as aggregates.
  if (json.has("cpu_coefficient") || json.has("rms")) row.run_type = "aggregate";
  if (!row.trouble.empty()) return;
  std::string unit = "ns";
  json("time_unit", unit);
  json("real_time", row.seconds);
  json("cpu_time", row.cpu_seconds);
  row.seconds *= unit_seconds(json, unit);
  row.cpu_seconds *= unit_seconds(json, unit);
  if (!(row.seconds > 0)) row.trouble = "it has no real_time above 0";
}

struct Context {
  std::string date;
  std::uint64_t processors = 0;
};

void describe(JsonFields& json, Context& context) {
  json("date", context.date);
  json("num_cpus", context.processors);
}

Context context_of(const JsonDocument& document) {
  Context context;
  if (document.has("context")) document.read("context", context, Missing::keeps_default);
  return context;
}

void add_times(CellSamples& cell, const Row& row) {
  if (!row.trouble.empty()) {
    cell.trouble = row.trouble;
    return;
  }
  cell.seconds.push_back(row.seconds);
  if (row.cpu_seconds > 0) cell.cpu_seconds.push_back(row.cpu_seconds);
}

/// Uses the repetitions; for a file with aggregates only, their median.
Measurements google_measurements(const JsonDocument& document) {
  const Context context = context_of(document);
  Measurements run{.date = context.date, .processors = context.processors};
  std::vector<CellSamples> medians;
  std::vector<Row> rows;
  document.read("benchmarks", rows, Missing::keeps_default);
  for (const Row& row : rows) {
    if (row.run_type == "iteration")
      add_times(samples_named(run.cells, row.name), row);
    else if (row.aggregate_name == "median")
      add_times(samples_named(medians, row.name), row);
  }
  for (const CellSamples& cell : medians) {
    CellSamples& known = samples_named(run.cells, cell.name);
    if (known.seconds.empty() && known.trouble.empty()) known = cell;
  }
  return run;
}

std::vector<double> of_one_record(const std::vector<double>& all_seconds, double records) {
  std::vector<double> samples;
  for (const double seconds : all_seconds)
    if (seconds > 0 && records > 0) samples.push_back(seconds / records);
  return samples;
}

CellSamples samples_of(const CellResult& cell) {
  const std::uint64_t generations =
      cell.evidence.generations_timed > 0 ? cell.evidence.generations_timed : cell.cell.generations;
  const double records = static_cast<double>(cell.cell.records) * static_cast<double>(generations);
  CellSamples samples{.name = cell.cell.name, .verdict = cell.verdict, .reason = cell.reason};
  samples.seconds = of_one_record(cell.seconds, records);
  const double array_records = static_cast<double>(cell.cell.records);
  samples.generations = of_one_record(cell.generation_seconds, array_records);
  samples.cpu_generations = of_one_record(cell.generation_cpu_seconds, array_records);
  return samples;
}

/// Skips pure measurements, which have no verdict.
std::vector<CellSamples> verdicts_of(const std::vector<ExperimentResult>& experiments) {
  std::vector<CellSamples> all;
  for (const ExperimentResult& one : experiments)
    if (one.verdict)
      all.push_back({.name = fmt::format("{}/{}", one.scenario, one.name),
                     .verdict = one.verdict,
                     .reason = one.reason});
  return all;
}

std::vector<std::string> set_aside_in(const RunResult& result) {
  std::vector<std::string> words;
  const auto any = [&](auto member) {
    return std::ranges::any_of(result.experiments, [&](const ExperimentResult& one) {
      return !std::invoke(member, one).empty();
    });
  };
  if (any(&ExperimentResult::counts)) words.push_back("counts of experiments");
  if (any(&ExperimentResult::latencies)) words.push_back("latencies of experiments");
  if (!result.scalings.empty()) words.push_back("knees of scaling");
  if (result.passport) words.push_back("the passport of semantics");
  return words;
}

void require_single_names(const Measurements& run) {
  std::vector<std::string> names;
  for (const CellSamples& cell : run.cells) names.push_back(cell.name);
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end())
    throw FormatError(fmt::format("the cell '{}' is there twice: which of them is meant?", *twice));
}

Measurements parse_measurements(const std::string& text) {
  const JsonDocument document(text);
  if (document.has("npyrace")) return measurements_of(parse_result(text));
  if (document.has("benchmarks")) return google_measurements(document);
  throw FormatError(
      "JSON, but neither of npyrace (run --json) nor of Google Benchmark: it has no key 'npyrace' or "
      "'benchmarks'");
}

}  // namespace

const CellSamples* Measurements::find(const std::string& name) const {
  for (const auto* list : {&cells, &references})
    for (const CellSamples& samples : *list)
      if (samples.name == name) return &samples;
  return nullptr;
}

Measurements measurements_of(const RunResult& result) {
  const Context context = context_of(JsonDocument(result.google_benchmark_json));
  Measurements run{.date = context.date, .labels = result.labels, .processors = context.processors};
  for (const CellResult& cell : result.cells) run.cells.push_back(samples_of(cell));
  std::ranges::move(verdicts_of(result.experiments), std::back_inserter(run.cells));
  run.set_aside = set_aside_in(result);
  for (const ReferenceResult& reference : result.references)
    run.references.push_back({.name = reference.name, .seconds = reference.seconds});
  return run;
}

Measurements read_measurements(const std::string& path) {
  const std::string text = read_text_file(path);
  try {
    Measurements run = parse_measurements(text);
    require_single_names(run);
    run.path = path;
    return run;
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{}: {}", path, error.what()));
  }
}

void make_cpu(Measurements& run) {
  for (CellSamples& cell : run.cells) {
    if (cell.seconds.empty()) continue;
    if (!cell.cpu_seconds.empty()) {
      cell.seconds = cell.cpu_seconds;
      continue;
    }
    if (cell.cpu_generations.empty())
      throw UsageError(
          fmt::format("--time cpu: {} has no processor time of '{}': writers were programs or "
                      "jobs of your own, or npyrace was older",
                      run.path, cell.name));
    cell.seconds = cell.generations = cell.cpu_generations;
  }
}

void make_relative(Measurements& run, const std::string& reference) {
  const std::string name = reference == "reference" ? kUsualReference : reference;
  const CellSamples* samples = run.find(name);
  if (samples == nullptr || samples->seconds.empty()) {
    std::vector<std::string> names;
    for (const CellSamples& one : run.references) names.push_back(one.name);
    for (const CellSamples& one : run.cells) names.push_back(one.name);
    const std::string near = nearest_name(name, names);
    throw UsageError(fmt::format("--relative-to: {} has no times of '{}'{}", run.path, name,
                                 near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
  }
  const double unit = median(samples->seconds);
  run.relative_to = name;
  for (auto* list : {&run.cells, &run.references})
    for (CellSamples& one : *list)
      for (auto* times : {&one.seconds, &one.generations, &one.cpu_generations})
        for (double& seconds : *times) seconds /= unit;
}

}  // namespace npyrace
