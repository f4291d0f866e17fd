#pragma once
// Is NEW worse than BASE, beyond what noise does? Pure.

#include "bench/compare/compare.h"
#include "core/result/comparison.h"

namespace npyrace {

/// Chance that of two results of the same thing a gate says "slower", over all cells together: each
/// interval is made for its share of it (Bonferroni).
inline constexpr double kFalseAlarms = 0.01;

/// The part of a cell's share of the false alarms that is for its median generation: that is asked
/// for slowdowns which are large, and its interval is wide in any case.
inline constexpr double kTypicalShare = 0.1;

struct GateLimits {
  double max_slowdown = 0.1;  ///< more than 0; 0.1 lets a record take 10 % longer
  /// The same rounds are judged so often as they grow: each time at its share of the false alarms.
  std::uint64_t looks = 1;
  bool allow_missing = false;     ///< what NEW does not have, or did not run, is named and passes
  bool allow_unmeasured = false;  ///< to tell nothing of any cell is fine
};

/// Fails a cell that was safe and is unsafe, failed or skipped; one that BASE measured and NEW does
/// not have or did not run; and one whose interval, or that of its median generation, lies wholly
/// beyond the limit. Where the interval holds the limit and is wider than it to either side, the
/// cell is not measurable. A cell that was safe and is inconclusive is not proven. docs/gate.md has
/// the reasons.
GateResult gate(const Sides& sides, const GateLimits& limits);

/// Failures first, then what could not be told, then the rest; within these as they were.
void sort_by_outcome(GateResult& result);

}  // namespace npyrace
