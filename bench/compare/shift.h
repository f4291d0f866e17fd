#pragma once
// Rounds: base and new measured one after the other, so that what a machine does for minutes hits
// both. Pure functions on the differences within rounds.

#include <cstdint>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// The Hodges-Lehmann estimate of the middle: the median of all averages of two samples, each with
/// itself, too (Walsh averages). `samples` is not empty.
double middle_of_rounds(const std::vector<double>& samples);

/// The interval of that middle from the distribution of Wilcoxon's signed-rank statistic: it misses
/// the middle with chance `alpha` at most (two-sided), whatever the samples' distribution is, as
/// long as it is symmetric; and of two sides that are the same, measured in random order, it is.
/// Infinite where so few samples cannot reach `alpha`.
Interval signed_rank_interval(const std::vector<double>& samples, double alpha);

/// So many samples must there be until any interval reaches `alpha`.
std::size_t fewest_rounds(double alpha);

// By what factor did times move, and between which bounds is that known? Pure; all times as
// logarithms, so that a factor is a difference.

/// Logarithms of seconds: one inner vector a run, none of them empty: its repetitions, or one
/// number that the run is taken for.
using LogRuns = std::vector<std::vector<double>>;

/// Between runs (another process, another hour) medians differ more than the repetitions within one
/// run tell: by 2 to 10 times as much in docs/gate.md. How that is known, best first.
enum class ShiftBasis {
  rounds,       ///< runs in pairs: the signed-rank interval of the differences within them
  runs,         ///< several runs on both sides: Welch's t interval of the runs' medians
  runs_of_one,  ///< several on one side: that side's spread stands for both
  repetitions,  ///< one run a side: the rank interval of repetitions, widened by what is passed
};

struct ShiftQuestion {
  LogRuns base, fresh;
  double alpha = 0.05;  ///< two-sided: chance that the interval misses
  /// Run i of base and run i of fresh were measured one after the other, in an order that was drawn
  /// or balanced: there are as many of both.
  bool paired = false;
  /// With one run a side: how far, at `alpha`, runs may differ by themselves (a half width).
  double run_allowance = 0;
};

struct Shift {
  double middle = 0;  ///< Hodges-Lehmann of rounds or repetitions, or the difference of means
  double low = 0, high = 0;  ///< ± infinity where so few samples reach no such confidence
  ShiftBasis basis = ShiftBasis::repetitions;
};

Shift shift_of(const ShiftQuestion& question);

/// The median of all differences b - a: the Hodges-Lehmann estimate of a shift.
double hodges_lehmann(const std::vector<double>& a, const std::vector<double>& b);

/// The interval of that estimate from the distribution of the Mann-Whitney statistic: exact,
/// whatever the samples' distribution is, and infinite where so few samples cannot reach `alpha`
/// (two-sided).
Interval rank_interval(const std::vector<double>& a, const std::vector<double>& b, double alpha);

/// How far one run may lie from another by chance, at `alpha` (two-sided), from one run a side: by
/// how much cells moved apart from each other (`shifts`, one a cell; most did not change), and by
/// how much the machine's own references moved. Fewer than 4 cells tell nothing: then
/// kAssumedRunScatter stands in.
double run_allowance(std::vector<double> shifts, const std::vector<double>& reference_shifts,
                     double alpha);

inline constexpr double kAssumedRunScatter = 0.1;

/// About so many runs a side until an interval (at `alpha`, two-sided) of this half width is
/// `wanted` wide; 0 for no telling.
std::uint64_t runs_needed(std::uint64_t runs, double half_width, double wanted, double alpha);

/// The same for rounds of paired runs, with a margin: nine times in ten they do.
std::uint64_t rounds_needed(std::uint64_t rounds, double half_width, double wanted, double alpha);

}  // namespace npyrace
