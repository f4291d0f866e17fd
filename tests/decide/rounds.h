#pragma once
// Recorded rounds: each has two runs of the same program, one after the other.

#include <array>
#include <map>
#include <string>
#include <vector>

#include "bench/compare/measurements.h"

namespace npyrace {

/// The times of one cell in one run, in seconds per record. Columns as in record.py.
struct RecordedCell {
  std::vector<double> repetitions;
  std::vector<double> wall, cpu;              ///< 5, 10, 25 and 50 % quantiles of generations
  std::vector<double> wall_first, cpu_first;  ///< of the first one, two, … repetitions
};

/// By cell, the two runs of a round.
using RecordedRound = std::map<std::string, std::array<RecordedCell, 2>>;

struct RecordedSeries {
  std::vector<std::string> cells;
  std::vector<RecordedRound> rounds;  ///< in the order they were made; whole ones only

  /// Every second round. Parameters are chosen on odd rounds, and results are counted on even ones.
  RecordedSeries half(bool odd) const;
};

/// Reads a file of record.py. Keys are names of series.
std::map<std::string, RecordedSeries> read_rounds(const std::string& path);

}  // namespace npyrace
