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

/// Merges the first result with the rerun. A cell that had lost safety, was missing or did not run
/// stays failed. A cell that was slower, drifted, not proven or not measurable is judged by the
/// rerun alone. A cell that passed fails if the rerun shows lost safety, or lacks or did not run
/// it.
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

/// Runs the command in rounds until `settled`, which are judged by themselves; if it can run NEW
/// only, runs it `rounds` times and judges these results together with `sides`. Accepts exit codes
/// 0 and 1 (unsafe). Returns the merged result. Throws UsageError if the command lacks {json},
/// std::runtime_error with one line if it leaves no result.
GateResult measure_again(const RerunPlan& plan, const Sides& sides, const GateLimits& limits,
                         const GateResult& first);

}  // namespace npyrace
