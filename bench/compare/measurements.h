#pragma once
// Times and verdicts of one result, read from npyrace's or Google Benchmark's JSON.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// A cell, or an experiment with a verdict, which has no times.
struct CellSamples {
  std::string name;                ///< for an experiment: "scenario/name"
  std::optional<Verdict> verdict;  ///< nothing for results of Google Benchmark
  std::string reason;
  /// One per repetition: seconds per record (Google Benchmark: per iteration), above 0.
  std::vector<double> seconds;
  std::vector<double> generations;  ///< the same per generation; empty for older results
  /// CPU seconds per record over all writers, per generation; may be empty.
  std::vector<double> cpu_generations;
  std::vector<double> cpu_seconds;  ///< one per repetition; Google Benchmark only
  /// Google Benchmark: error or skip message of a repetition; else empty.
  std::string trouble;
};

/// One run.
struct Measurements {
  std::string path;
  /// In Google Benchmark's format, sorts as text within a time zone; may be empty.
  std::string date;
  std::map<std::string, std::string> labels;
  std::vector<CellSamples> cells;
  std::vector<CellSamples> references;  ///< seconds of the whole measurement
  std::vector<std::string> set_aside;   ///< parts of the result that are not compared, for people
  std::string relative_to;              ///< divisor of all times; empty: seconds
  std::uint64_t processors = 0;         ///< of the machine; 0: unknown

  /// The cell or reference of that name, or nullptr.
  const CellSamples* find(const std::string& name) const;
};

/// Uses the time per record, because a scenario's time budget may reduce the number of generations.
Measurements measurements_of(const RunResult& result);

/// Reads a file of npyrace or Google Benchmark. Throws SystemError, and FormatError with one line
/// that begins with the path.
Measurements read_measurements(const std::string& path);

/// Replaces all times of cells by CPU times. Throws UsageError if a cell with times has no CPU
/// times.
void make_cpu(Measurements& run);

/// Divides every time by the median of `reference` in the same run: a cell, a reference
/// measurement, or "reference" for the plain write loop. Throws UsageError if the run lacks it.
void make_relative(Measurements& run, const std::string& reference);

}  // namespace npyrace
