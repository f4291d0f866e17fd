#pragma once
// Reruns before a gate fails: a group-sequential schedule of paired rounds (order, interim
// analyses, stopping rule), which is pure, and the execution of the user's command.

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "bench/compare/compare.h"
#include "bench/compare/gate.h"
#include "core/result/comparison.h"

namespace npyrace {

/// Numbers of rounds after which an interim analysis may stop the measurement: ascending, the last
/// is `rounds`. Each analysis gets its share of the error rate.
std::vector<std::uint64_t> looks_at(std::uint64_t rounds);

/// For each round, whether base is measured first: once in every two rounds, at random. So drift
/// affects both sides alike, and periodic disturbances favour neither.
std::vector<bool> base_first(std::uint64_t rounds, std::mt19937_64& random);

/// True if further rounds cannot change the result: every cell that did not pass `first` is now
/// clearly slower, clearly not slower, or has lost safety.
bool settled(const GateResult& first, const GateResult& again);

/// Merges the first result with the rerun: a cell that was unsafe stays unsafe; a cell that was
/// slower, not proven or not measurable is judged by the rerun alone.
GateResult after_rerun(GateResult first, const GateResult& again);

// Execution of reruns: a shell command produces one more result each time.

struct RerunPlan {
  /// {json} is replaced by the result's path, {side} by base or new. Without {side} only NEW can be
  /// rerun.
  std::string command;
  std::uint64_t rounds = 20;  ///< maximum number of results per side
  /// Applied to every result that is read (--time, --relative-to).
  std::function<void(Measurements&)> prepare = [](Measurements&) {};

  /// True if the command can run both sides, so that rounds are paired.
  bool both() const;
};

/// True if a rerun could change the outcome of a cell. With paired rounds that includes cells that
/// were too noisy.
bool wants_rerun(const GateResult& result, const RerunPlan& plan);

/// Runs the command in rounds until `settled`, or, if it can run NEW only, `rounds` times, and adds
/// the results to `sides`. Accepts exit codes 0 and 1 (unsafe). Returns the merged result. Throws
/// std::runtime_error with one line if the command leaves no result.
GateResult measure_again(const RerunPlan& plan, const Sides& sides, const GateLimits& limits,
                         const GateResult& first);

}  // namespace npyrace
