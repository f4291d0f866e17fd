#pragma once
// Rounds that were really measured: the same twice, one after the other.

#include <array>
#include <map>
#include <string>
#include <vector>

#include "bench/compare/measurements.h"

namespace npyrace {

/// What one run had of one cell, in seconds of one record. Columns as in record.py.
struct RecordedCell {
  std::vector<double> repetitions;
  std::vector<double> wall, cpu;              ///< 5, 10, 25 and 50 % of generations stayed below
  std::vector<double> wall_first, cpu_first;  ///< of the first one, two, … repetitions
};

/// By cell, the two runs of a round.
using RecordedRound = std::map<std::string, std::array<RecordedCell, 2>>;

struct RecordedSeries {
  std::vector<std::string> cells;
  std::vector<RecordedRound> rounds;  ///< in the order they were made; whole ones only

  /// Every second one. What is chosen by looking at data is chosen on odd ones, and reported of
  /// even ones.
  RecordedSeries half(bool odd) const;
};

/// By name of the series. What record.py wrote.
std::map<std::string, RecordedSeries> read_rounds(const std::string& path);

}  // namespace npyrace
