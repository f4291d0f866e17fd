#pragma once
// What a result says about speed and safety, cell by cell: of ours, and of Google Benchmark's own.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace npyrace {

struct CellSamples {
  std::string name;
  std::optional<Verdict> verdict;  ///< nothing of Google Benchmark's
  std::string reason;
  std::vector<double>
      seconds;  ///< one a repetition: a record's (Google Benchmark: an iteration's), more than 0
};

/// One run.
struct Measurements {
  std::string path;
  std::string date;  ///< as Google Benchmark writes it, sorts as text within a time zone; or empty
  std::map<std::string, std::string> labels;
  std::vector<CellSamples> cells;
  std::vector<CellSamples> references;  ///< seconds of the whole measurement

  /// A cell or a reference; nullptr where there is none.
  const CellSamples* find(const std::string& name) const;
};

/// The budget of a scenario may cut generations: what is compared is the time of one record.
Measurements measurements_of(const RunResult& result);

/// Of a file, npyrace's or Google Benchmark's. Throws SystemError, and FormatError in one line that
/// begins with the path.
Measurements read_measurements(const std::string& path);

/// Divides every time by the median of `reference` in the same run: a cell, a reference
/// measurement, or "reference" for the bare write loop. Throws UsageError when the run has none.
void make_relative(Measurements& run, const std::string& reference);

}  // namespace npyrace
