#pragma once
// Scaling with the number of writers, and the number beyond which throughput stops growing (the
// knee).

#include <cstddef>
#include <optional>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// Throughput of one cell with one number of writers, one sample per repetition.
struct ThroughputAtWriters {
  std::size_t writers = 0;
  std::vector<double> records_per_second;
};

/// Minimum number of samples for a confidence interval.
inline constexpr std::size_t kKneeSamples = 3;

/// The smallest number of writers that no larger measured number exceeds significantly: the
/// median_interval of every larger number overlaps or lies below its own. Noise hides growth: wide
/// intervals move the knee to fewer writers, so show them beside it. Returns nothing if throughput
/// still grew at the largest number, for fewer than two numbers of writers, or if any has fewer
/// than kKneeSamples samples. `points` may be unordered.
std::optional<std::size_t> knee_writers(std::vector<ThroughputAtWriters> points);

// Scaling of cells that differ only in the number of writers.

/// Returns one entry per way to write that was raced with several numbers of writers. Throughput
/// counts only without losses: in safe cells, and in cells with one writer.
std::vector<Scaling> scalings(const std::vector<CellResult>& cells);

}  // namespace npyrace
