#pragma once
// Slow drifts: each step too small for a gate, the sum of twenty not.

#include <string>
#include <vector>

#include "bench/decide/measurements.h"
#include "core/comparison.h"

namespace npyrace {

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
