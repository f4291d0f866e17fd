#pragma once
// Where a series of measurements changed its level: E-divisive means (Matteson and James, "A
// nonparametric approach for multiple change point analysis of multivariate data", JASA 2014), as
// CI tools use it. Pure: its permutations are seeded.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/compare/measurements.h"
#include "core/result/comparison.h"

namespace npyrace {

struct ChangePointLimits {
  double alpha = 0.01;               ///< chance that a series without a change has one
  std::size_t shortest_segment = 3;  ///< points
  std::uint64_t seed = 1;
};

/// Ascending indices at which a new level begins; none of a series shorter than two segments.
std::vector<std::size_t> change_points(const std::vector<double>& series,
                                       const ChangePointLimits& limits);

// Slow drifts: each step too small for a gate, the sum of twenty not.

/// All results in a folder ("*.json"), oldest first, but for those in `except` (compared as files).
/// Throws SystemError and FormatError.
std::vector<Measurements> read_history(const std::string& dir,
                                       const std::vector<std::string>& except);

/// A run by its label `commit` (or revision, sha), else its first label, else its date and file.
std::string run_name(const Measurements& run);

/// Sets cells of `result` that passed until now to `drifted` where the level of their last segment,
/// between change points of `history` (oldest first, NEW last), is beyond the limit from the
/// fastest level before; the reason names the first and last run of both levels. Says in
/// `result.history` what was looked at.
void judge_history(const std::vector<Measurements>& history, GateResult& result);

}  // namespace npyrace
