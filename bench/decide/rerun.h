#pragma once
// Measuring again before a gate fails: a shell command that makes one more result.

#include <cstdint>
#include <functional>
#include <string>

#include "bench/decide/compare.h"
#include "bench/decide/gate.h"
#include "core/comparison.h"

namespace npyrace {

struct RerunPlan {
  /// {json} is where the result must go, {side} becomes base or new. Without {side} only NEW can be
  /// run.
  std::string command;
  std::uint64_t rounds = 20;  ///< results a side, at most
  /// What is done to every result that is read (--time, --relative-to).
  std::function<void(Measurements&)> prepare = [](Measurements&) {};

  /// Base and new, in rounds.
  bool both() const;
};

/// A cell that measuring again could clear, or condemn. Where both sides can be run in rounds, that
/// is also one whose noise was too wide.
bool wants_rerun(const GateResult& result, const RerunPlan& plan);

/// Runs the command in rounds until all is settled, or only NEW `rounds` times: then its new
/// results join `sides`. Exit codes 0 and 1 (unsafe) are results. The first look, with what was
/// seen again. Throws std::runtime_error in a line for a command that leaves no result.
GateResult measure_again(const RerunPlan& plan, const Sides& sides, const GateLimits& limits,
                         const GateResult& first);

}  // namespace npyrace
