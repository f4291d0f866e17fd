#pragma once
// How many generations were slow ones? It shows what neither a low quantile nor the median does:
// that some of them take much longer than they did. Pure.

#include <vector>

#include "core/comparison.h"

namespace npyrace {

/// One inner vector a run: its generations (or repetitions), in seconds.
using SampleRuns = std::vector<std::vector<double>>;

/// Slow is what took more than twice the median of all samples it is compared with: those of its
/// round where runs are `paired`, else those of all runs. Both sides are treated alike, so that of
/// two that are the same neither has more by rule. `alpha` is for each call (two-sided). A run has
/// at least one sample, a side at least one run; paired sides have as many runs.
SlowShare slow_share(const SampleRuns& base, const SampleRuns& fresh, bool paired, double alpha);

}  // namespace npyrace
