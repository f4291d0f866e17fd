#pragma once
// Measuring again before a gate fails: a shell command that makes one more result.

#include <cstdint>
#include <string>

#include "bench/decide/compare.h"
#include "core/comparison.h"

namespace npyrace {

struct RerunPlan {
  /// {json} is where the result must go, {side} becomes base or new. Without {side} only NEW can be
  /// run.
  std::string command;
  std::uint64_t rounds = 5;  ///< results a side
};

/// A cell that measuring again could clear, or condemn.
bool wants_rerun(const GateResult& result);

/// Runs the command `rounds` times a side, where both can be run in the order base, new, new, base
/// …, so that drift hits both alike. Exit codes 0 and 1 (unsafe) are results. Where only NEW can be
/// run, its new results join `sides`. Throws std::runtime_error in a line for a command that leaves
/// no result.
Sides measure_again(const RerunPlan& plan, const Sides& sides);

/// What the first look said, with what was seen `again`: a cell that was unsafe stays that,
/// whatever comes after; what was slower, not proven or not measurable is judged by the second look
/// alone.
GateResult after_rerun(GateResult first, const GateResult& again);

}  // namespace npyrace
