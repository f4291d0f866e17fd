#pragma once
// Rounds: base and new measured one after the other, so that what a machine does for minutes hits
// both. Pure functions on the differences within rounds.

#include <vector>

#include "core/result.h"

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

}  // namespace npyrace
