#pragma once
// Medians, confidence intervals and trial statistics. Pure functions on samples.

#include <cstdint>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// The median, or the mean of the two middle samples; 0 if there are none.
double median(std::vector<double> samples);

/// Distribution-free confidence interval of the median (at least 95 %) from order statistics. With
/// fewer than 6 samples 95 % cannot be reached; then returns minimum and maximum.
Interval median_interval(std::vector<double> samples);

/// Acceptable probability of missing a rare loss: below it no more trials are made or advised.
inline constexpr double kRareLossMissed = 0.01;

/// Probability that `trials` trials show no loss if one update in 1000 is lost.
double chance_to_miss(std::uint64_t trials);

/// The median of each phase separately.
PhaseSeconds median_phases(std::vector<PhaseSeconds> all);

}  // namespace npyrace
