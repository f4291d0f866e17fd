#include "bench/decide/level.h"

#include <algorithm>
#include <cmath>

#include "bench/statistics.h"

namespace npyrace {

double quantile(std::vector<double> samples, double share) {
  std::ranges::sort(samples);
  const double place = share * static_cast<double>(samples.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(place));
  const std::size_t above = std::min(below + 1, samples.size() - 1);
  return std::lerp(samples[below], samples[above], place - std::floor(place));
}

double level_of(const CellSamples& cell, LevelBasis basis) {
  return basis == LevelBasis::generations ? quantile(cell.generations, kQuickShare)
                                          : median(cell.seconds);
}

}  // namespace npyrace
