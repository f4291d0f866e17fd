#pragma once
// Compares two sets of results (base and new), cell by cell. Pure.

#include <string>
#include <vector>

#include "bench/compare/measurements.h"
#include "bench/compare/shift.h"
#include "core/result/comparison.h"

namespace npyrace {

/// Runs of one side measure the same thing; differences between them are noise.
struct Sides {
  std::vector<Measurements> base, candidate;  ///< neither is empty
  /// Runs alternated: run i of base and run i of new form a round. Both sides have the same number
  /// of runs.
  bool paired = false;
};

/// Error probabilities (two-sided) of each interval.
struct Alphas {
  double level = 0.05;    ///< for a cell's run time estimate
  double typical = 0.05;  ///< for the time of its median generation
};

/// Compares cells of the same name.
Comparison compare(const Sides& sides, const Alphas& alphas);

/// Names of cells with times on both sides: the number of intervals, for a Bonferroni correction.
std::vector<std::string> timed_cells(const Sides& sides);

/// True if intervals of median generations are computed, too.
bool asks_typical(const Sides& sides);

/// Describes a change of the machine's reference speeds (memory copy, plain write loop) between the
/// sides, with advice. Empty if no reference moved by more than a tenth beyond its noise, if there
/// are none, or if times are already relative to one.
std::string machine_change(const Sides& sides);

}  // namespace npyrace
