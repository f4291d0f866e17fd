#pragma once
// The output of `run --dry-run`: the plan of a run, without racing.

#include <string>

#include "bench/plan/plan.h"

namespace npyrace {

/// One line per cell (name, files, size of each, bytes written at most), the sums, and an upper
/// bound of the time if there is one.
std::string dry_run_text(const RunPlan& plan, const RunOptions& options);

}  // namespace npyrace
