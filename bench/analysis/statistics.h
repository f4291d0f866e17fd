#pragma once
// Pure functions on samples.

#include <cstdint>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// The middle of the samples, or the mean of the two in the middle. 0 for none.
double median(std::vector<double> samples);

/// Where the true median lies with at least 95 % confidence, from order statistics: no assumption
/// about the distribution. With fewer than 6 samples no interval reaches 95 %: then it is all of
/// them, least to greatest.
Interval median_interval(std::vector<double> samples);

/// Less than this chance of missing a rare loss is enough: no cell is raced further, and advice
/// leaves it alone.
inline constexpr double kRareLossMissed = 0.01;

/// How likely it is that of updates that are lost once in 1000 trials none is, in so many.
double chance_to_miss(std::uint64_t trials);

/// Of each phase by itself.
PhaseSeconds median_phases(std::vector<PhaseSeconds> all);

}  // namespace npyrace
