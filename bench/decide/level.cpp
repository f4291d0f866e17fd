#include "bench/decide/level.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "bench/statistics.h"

namespace npyrace {

double quantile(std::vector<double> samples, double share) {
  std::ranges::sort(samples);
  const double place = share * static_cast<double>(samples.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(place));
  const std::size_t above = std::min(below + 1, samples.size() - 1);
  return std::lerp(samples[below], samples[above], place - std::floor(place));
}

namespace {

std::vector<double> first_generations(const CellSamples& cell, std::size_t most) {
  std::vector<double> first = cell.generations;
  first.resize(std::min(first.size(), most));
  return first;
}

}  // namespace

double level_of(const CellSamples& cell, LevelBasis basis, std::size_t most) {
  if (basis == LevelBasis::repetitions) return median(cell.seconds);
  return quantile(first_generations(cell, most), kQuickShare);
}

double typical_of(const CellSamples& cell, std::size_t most) {
  return median(first_generations(cell, most));
}

}  // namespace npyrace
