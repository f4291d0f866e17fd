#pragma once
// What one run's time of a record is taken for: one number, of many. Pure.

#include <cstddef>
#include <vector>

#include "bench/compare/measurements.h"
#include "core/result/comparison.h"

namespace npyrace {

/// Which samples of a run tell; all runs that are compared must be told by the same.
enum class LevelBasis {
  generations,  ///< what a twentieth of the generations stays below
  repetitions,  ///< the median of repetitions: what older results and Google Benchmark's have
};

/// Neighbours on a machine only ever add time, and to most generations: what a twentieth of them
/// stays below is what the machine does when left alone. docs/gate.md has what else was tried.
inline constexpr double kQuickShare = 0.05;

/// Of the cell's samples, none of which is 0; the cell has some. Of generations only the first
/// `most` count: the fewer there are, the less often a quick one is among them, so all runs that
/// are compared must be told by as many.
double level_of(const CellSamples& cell, LevelBasis basis, std::size_t most);

/// The median of the cell's first `most` generations; it has some.
double typical_of(const CellSamples& cell, std::size_t most);

/// The value below which a share of the samples lies, between two of them in proportion. `samples`
/// is not empty.
double quantile(std::vector<double> samples, double share);

// How many generations were slow ones? It shows what neither a low quantile nor the median does:
// that some of them take much longer than they did. Pure.

/// One inner vector a run: its generations (or repetitions), in seconds.
using SampleRuns = std::vector<std::vector<double>>;

/// Slow is what took more than twice the median of all samples it is compared with: those of its
/// round where runs are `paired`, else those of all runs. Both sides are treated alike, so that of
/// two that are the same neither has more by rule. `alpha` is for each call (two-sided). A run has
/// at least one sample, a side at least one run; paired sides have as many runs.
SlowShare slow_share(const SampleRuns& base, const SampleRuns& fresh, bool paired, double alpha);

}  // namespace npyrace
