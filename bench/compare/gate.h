#pragma once
// Decides whether new results are worse than base beyond noise. Pure.

#include "bench/compare/compare.h"
#include "core/result/comparison.h"

namespace npyrace {

/// Family-wise error rate: the probability that a gate reports "slower" for two results of the same
/// program. It is divided among all intervals (Bonferroni).
inline constexpr double kFalseAlarms = 0.01;

/// Part of a cell's error rate that is spent on its median generation. It is small because that
/// interval is wide in any case and serves to find large slowdowns.
inline constexpr double kTypicalShare = 0.1;

struct GateLimits {
  double max_slowdown = 0.1;  ///< above 0; 0.1 permits 10 % more time per record
  /// Number of interim analyses of growing rounds; each gets an equal share of the error rate.
  std::uint64_t looks = 1;
  bool allow_missing = false;     ///< cells that NEW lacks or did not run are reported and pass
  bool allow_unmeasured = false;  ///< a gate that could compare no cell passes
};

/// Fails cells that were safe and are unsafe, failed, skipped or inconclusive (not proven); cells
/// that BASE measured and NEW lacks or did not run; and cells whose interval, or that of their
/// median generation, lies entirely above the limit. A cell whose interval contains the limit and
/// is wider than the limit on either side is not measurable. docs/gate-statistics.md gives the
/// reasons.
GateResult gate(const Sides& sides, const GateLimits& limits);

/// Sorts failures first, then undecided cells, then the rest; stable.
void sort_by_outcome(GateResult& result);

}  // namespace npyrace
