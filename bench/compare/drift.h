#pragma once
// Detection of level changes in a series of measurements by E-divisive means (Matteson and James,
// "A nonparametric approach for multiple change point analysis of multivariate data", JASA 2014), a
// method used by CI tools. Pure, except for reading the history: its permutations are seeded.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/compare/measurements.h"
#include "core/result/comparison.h"

namespace npyrace {

struct ChangePointLimits {
  double alpha = 0.01;               ///< probability of a change point in a series without a change
  std::size_t shortest_segment = 3;  ///< in points
  std::uint64_t seed = 1;
};

/// Returns ascending indices at which a new level begins; none for a series shorter than two
/// segments.
std::vector<std::size_t> change_points(const std::vector<double>& series,
                                       const ChangePointLimits& limits);

// Slow drifts: each step is too small for the gate, but their sum over many runs is not.

/// Reads all results in a folder ("*.json"), oldest first, except the files in `except`. Throws
/// SystemError and FormatError.
std::vector<Measurements> read_history(const std::string& dir,
                                       const std::vector<std::string>& except);

/// Name of a run: its label `commit` (or revision, sha), else its first label, else its date and
/// file.
std::string run_name(const Measurements& run);

/// Sets passed cells of `result` to `drifted` if the level of their last segment, between change
/// points of `history` (oldest first, new last), exceeds the fastest earlier level by more than the
/// limit; the reason names the first and last run of both levels. Writes a summary to
/// `result.history`.
void judge_history(const std::vector<Measurements>& history, GateResult& result);

}  // namespace npyrace
