#pragma once
// Scenario `first-touch`: how long an access to a page takes, the first time and later.

#include "bench/plan.h"
#include "bench/race/cell_race.h"
#include "core/result.h"

namespace npyrace {

/// One process, one file in the first --dir, every page of it touched once and then once more, in
/// random order, each access timed by itself: 8 bytes by pwrite or pread, or through a mapping.
/// Adds an experiment for each of them, writing and reading, after dropping the file's cached pages
/// and after reading them. Throws Interrupted, SystemError.
void first_touch(const RunPlan& plan, const RaceContext& context, RunResult& result);

}  // namespace npyrace
