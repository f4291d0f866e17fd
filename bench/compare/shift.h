#pragma once
// Estimates of the ratio of new time to base time with confidence intervals, from paired rounds,
// several runs, or repetitions. Pure. All times are logarithms, so that a ratio is a difference.

#include <cstdint>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// The Hodges-Lehmann estimate of the center: the median of all Walsh averages (averages of two
/// samples, each also with itself). `samples` must not be empty.
double middle_of_rounds(const std::vector<double>& samples);

/// Confidence interval of that center by Wilcoxon's signed-rank test. It misses the center with
/// probability at most `alpha` (two-sided) for every symmetric distribution; differences of two
/// equal sides measured in random order are symmetric. Infinite if there are too few samples for
/// `alpha`.
Interval signed_rank_interval(const std::vector<double>& samples, double alpha);

/// The smallest number of samples for which an interval at `alpha` is finite.
std::size_t fewest_rounds(double alpha);

// The shift between two sets of runs, by the best available method.

/// Logarithms of seconds. One non-empty inner vector per run: its repetitions, or one estimate for
/// the run.
using LogRuns = std::vector<std::vector<double>>;

/// Source of the variance estimate, best first. Medians of different runs (processes, hours) vary 2
/// to 10 times more than the repetitions within one run suggest (docs/gate-statistics.md).
enum class ShiftBasis {
  rounds,       ///< paired runs: signed-rank interval of the differences within rounds
  runs,         ///< several runs per side: Welch's t interval of the run medians
  runs_of_one,  ///< several runs on one side; its variance is used for both
  repetitions,  ///< one run per side: rank interval of the repetitions, widened by run_allowance
};

struct ShiftQuestion {
  LogRuns base, candidate;
  double alpha = 0.05;  ///< two-sided error probability of the interval
  /// Run i of base and run i of new were measured one after the other, in random or balanced order;
  /// both sides have the same number of runs.
  bool paired = false;
  /// With one run per side: half width, at `alpha`, of the variation between runs.
  double run_allowance = 0;
};

struct Shift {
  double middle = 0;  ///< Hodges-Lehmann estimate of rounds or repetitions, or difference of means
  double low = 0, high = 0;  ///< ± infinity if there are too few samples for the confidence
  ShiftBasis basis = ShiftBasis::repetitions;
};

Shift shift_of(const ShiftQuestion& question);

/// The median of all differences b - a: the Hodges-Lehmann estimate of a shift.
double hodges_lehmann(const std::vector<double>& a, const std::vector<double>& b);

/// Confidence interval of that estimate by the Mann-Whitney test: exact for every distribution,
/// infinite if there are too few samples for `alpha` (two-sided).
Interval rank_interval(const std::vector<double>& a, const std::vector<double>& b, double alpha);

/// Estimates how far two runs may differ by chance at `alpha` (two-sided) from one run per side:
/// from the spread of the cells' shifts (most cells did not change) and the shifts of the machine's
/// references. With fewer than 4 cells uses kAssumedRunScatter.
double run_allowance(std::vector<double> shifts, const std::vector<double>& reference_shifts,
                     double alpha);

inline constexpr double kAssumedRunScatter = 0.1;

/// Estimated number of runs per side until an interval at `alpha` (two-sided) with this half width
/// is `wanted` wide; 0: no estimate.
std::uint64_t runs_needed(std::uint64_t runs, double half_width, double wanted, double alpha);

/// The same for paired rounds, with a margin: sufficient in nine cases of ten.
std::uint64_t rounds_needed(std::uint64_t rounds, double half_width, double wanted, double alpha);

}  // namespace npyrace
