#pragma once
// Where more writers stop helping. A pure function on samples.

#include <cstddef>
#include <optional>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// Throughput of one cell at one number of writers, one sample a repetition.
struct ThroughputAtWriters {
  std::size_t writers = 0;
  std::vector<double> records_per_second;
};

/// Fewer samples say nothing about noise.
inline constexpr std::size_t kKneeSamples = 3;

/// The smallest number of writers that no larger measured number beats beyond noise: the interval
/// of the larger one's median (median_interval) never lies wholly above its own. Noise hides
/// growth: wide intervals move the knee to fewer writers, so show them beside it.
/// Nothing when throughput still grew at the largest number, with fewer than two numbers of
/// writers, or when any has fewer than kKneeSamples samples. Points come in any order.
std::optional<std::size_t> knee_writers(std::vector<ThroughputAtWriters> points);

// What more writers brought, by experiment: cells that differ in nothing but their number.

/// One for every way to write that was raced with several numbers of writers. Speed counts only
/// where nothing was lost: in safe cells, and in those of one writer, who has nobody to lose to.
std::vector<Scaling> scalings(const std::vector<CellResult>& cells);

}  // namespace npyrace
