#pragma once
// Rounds that grow until they have told: their order, when they are looked at, and when they end.
// Pure.

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "bench/compare/compare.h"
#include "bench/compare/gate.h"
#include "core/result/comparison.h"

namespace npyrace {

/// After so many rounds they are looked at, and may end: ascending, the last is `rounds`. Each look
/// gets its share of the false alarms.
std::vector<std::uint64_t> looks_at(std::uint64_t rounds);

/// For each round whether base comes first: of every two rounds in one of them, and chance says in
/// which. So drift hits both alike, and no rhythm of the machine can favour a side.
std::vector<bool> base_first(std::uint64_t rounds, std::mt19937_64& random);

/// What `first` asked is answered: every cell that did not pass is now clearly slower, clearly not,
/// or has lost safety, and further rounds change nothing.
bool settled(const GateResult& first, const GateResult& again);

/// What the first look said, with what was seen `again`: a cell that was unsafe stays that,
/// whatever comes after; what was slower, not proven or not measurable is judged by the second look
/// alone.
GateResult after_rerun(GateResult first, const GateResult& again);

// Measuring again before a gate fails: a shell command that makes one more result.

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
