#pragma once
// What a result says about speed and safety, cell by cell: of ours, and of Google Benchmark's own.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// A cell, or an experiment that has a verdict: that one has no times.
struct CellSamples {
  std::string name;                ///< of an experiment: "scenario/name"
  std::optional<Verdict> verdict;  ///< nothing of Google Benchmark's
  std::string reason;
  /// One a repetition: a record's (Google Benchmark: an iteration's), more than 0.
  std::vector<double> seconds;
  std::vector<double> generations;      ///< the same, one a generation; of older results none
  std::vector<double> cpu_generations;  ///< processor time a record of all writers; or none
  std::vector<double> cpu_seconds;      ///< one a repetition: only Google Benchmark's own
  /// Google Benchmark: the error, or that it was skipped, of a repetition; else empty.
  std::string trouble;
};

/// One run.
struct Measurements {
  std::string path;
  std::string date;  ///< as Google Benchmark writes it, sorts as text within a time zone; or empty
  std::map<std::string, std::string> labels;
  std::vector<CellSamples> cells;
  std::vector<CellSamples> references;  ///< seconds of the whole measurement
  std::vector<std::string> set_aside;   ///< what the result has and nobody compares, in words
  std::string relative_to;              ///< what times were divided by; empty: they are seconds
  std::uint64_t processors = 0;         ///< of the machine; 0 where the result does not say

  /// A cell or a reference; nullptr where there is none.
  const CellSamples* find(const std::string& name) const;
};

/// The budget of a scenario may cut generations: what is compared is the time of one record.
Measurements measurements_of(const RunResult& result);

/// Of a file, npyrace's or Google Benchmark's. Throws SystemError, and FormatError in one line that
/// begins with the path.
Measurements read_measurements(const std::string& path);

/// Puts processor times in the place of all times of cells. Throws UsageError when a cell that has
/// times has none of these.
void make_cpu(Measurements& run);

/// Divides every time by the median of `reference` in the same run: a cell, a reference
/// measurement, or "reference" for the bare write loop. Throws UsageError when the run has none.
void make_relative(Measurements& run, const std::string& reference);

}  // namespace npyrace
