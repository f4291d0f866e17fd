#pragma once
// Reduces one run's samples to one representative time per record, and compares the share of slow
// generations. Pure.

#include <cstddef>
#include <vector>

#include "bench/compare/measurements.h"
#include "core/result/comparison.h"

namespace npyrace {

/// The samples of a run that are used; equal for all compared runs.
enum class LevelBasis {
  generations,  ///< a low quantile (kQuickShare) of the generations
  repetitions,  ///< the median of the repetitions: for older results and Google Benchmark's
};

/// Other load on a machine only adds time, and affects most generations: the 5 % quantile estimates
/// the time without it. docs/gate-statistics.md lists the alternatives that were tried.
inline constexpr double kQuickShare = 0.05;

/// The run time estimate of a cell. The cell must have samples, none of them 0. Only the first
/// `most` generations are used: with fewer generations a low quantile is higher, so all compared
/// runs must use the same number.
double level_of(const CellSamples& cell, LevelBasis basis, std::size_t most);

/// The median of the cell's first `most` generations; it must have some.
double typical_of(const CellSamples& cell, std::size_t most);

/// The quantile at `share`, linearly interpolated. `samples` must not be empty.
double quantile(std::vector<double> samples, double share);

// The share of slow generations. It shows what neither a low quantile nor the median does: that
// some generations take much longer than before. Pure.

/// One inner vector per run: its generations (or repetitions), in seconds.
using SampleRuns = std::vector<std::vector<double>>;

/// A generation is slow if it takes more than twice the median of the compared samples: those of
/// its round if runs are `paired`, else those of all runs, so that two equal sides have the same
/// expected share. `alpha` is two-sided, per call. Every run needs a sample and every side a run;
/// paired sides have the same number of runs.
SlowShare slow_share(const SampleRuns& base, const SampleRuns& candidate, bool paired,
                     double alpha);

}  // namespace npyrace
