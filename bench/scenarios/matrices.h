#pragma once
// The matrices of cells that named scenarios race. Each gets the number of page caches behind
// --dir.

#include <cstddef>

#include "bench/scenarios/axes.h"

namespace npyrace {

/// The first question: what is safe here, and what is fast.
Axes quick_axes(std::size_t caches);
/// The case of the mailing-list thread: 1440 queue jobs, 60 000 (start, finish) pairs, one file.
Axes timing_log_axes(std::size_t caches);
/// What sharing pages costs, and what padding does about it.
Axes page_sharing_axes(std::size_t caches);
/// How far apart records must lie: a sweep of alignments.
Axes granularity_axes(std::size_t caches);
/// What it costs to ask for safety often.
Axes sync_cost_axes(std::size_t caches);
/// What more writers bring, and where they stop to.
Axes scaling_axes(std::size_t caches);
/// One shared file, or something else first: all to the moment when one np.load reads everything.
Axes collect_axes(std::size_t caches);
/// Your own program as the writer: what `run --exec` races when no scenario is named.
Axes exec_axes(std::size_t caches);

}  // namespace npyrace
