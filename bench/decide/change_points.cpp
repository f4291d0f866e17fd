#include "bench/decide/change_points.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace npyrace {
namespace {

using Points = std::vector<double>;

struct Split {
  std::size_t at = 0;     ///< first point of the right part
  double statistic = -1;  ///< energy distance of the parts, weighed by their sizes
};

/// The best place to cut. Sums of distances within the left part and within the right part grow
/// point by point; what is left of the total lies between them. Quadratic in the number of points.
Split best_split(const Points& points, std::size_t shortest) {
  const std::size_t n = points.size();
  const auto reach = [&](std::size_t point, std::size_t from, std::size_t to) {
    double sum = 0;
    for (std::size_t i = from; i < to; ++i) sum += std::abs(points[point] - points[i]);
    return sum;
  };
  std::vector<double> right(n + 1, 0.0);
  for (std::size_t i = n; i-- > 0;) right[i] = right[i + 1] + reach(i, i + 1, n);
  Split best;
  double left = 0;
  for (std::size_t at = 1; at < n; ++at) {
    left += reach(at - 1, 0, at - 1);
    if (at < shortest || n - at < shortest) continue;
    const double a = static_cast<double>(at);
    const double b = static_cast<double>(n - at);
    const double between = right[0] - left - right[at];
    const double distance =
        2 * between / (a * b) - 2 * left / (a * (a - 1)) - 2 * right[at] / (b * (b - 1));
    const double statistic = a * b / (a + b) * distance;
    if (statistic > best.statistic) best = {at, statistic};
  }
  return best;
}

/// Whether orders by chance seldom look so divided: a permutation test, ended as soon as it is
/// lost.
bool significant(Points points, double statistic, const ChangePointLimits& limits,
                 std::mt19937_64& random) {
  constexpr double kMostPermutations = 9999;
  const double permutations = std::min(kMostPermutations, std::ceil(4 / limits.alpha));
  const double allowed = std::max(1.0, std::floor(limits.alpha * (permutations + 1)));
  double as_divided = 1;  // the order that was seen
  for (double i = 0; i < permutations; ++i) {
    std::ranges::shuffle(points, random);
    as_divided += best_split(points, limits.shortest_segment).statistic >= statistic;
    if (as_divided > allowed) return false;
  }
  return true;
}

void divide(const Points& points, std::size_t first, const ChangePointLimits& limits,
            std::mt19937_64& random, std::vector<std::size_t>& found) {
  if (points.size() < 2 * limits.shortest_segment) return;
  const Split split = best_split(points, limits.shortest_segment);
  if (split.statistic <= 0 || !significant(points, split.statistic, limits, random)) return;
  const auto middle = points.begin() + static_cast<std::ptrdiff_t>(split.at);
  divide({points.begin(), middle}, first, limits, random, found);
  found.push_back(first + split.at);
  divide({middle, points.end()}, first + split.at, limits, random, found);
}

}  // namespace

std::vector<std::size_t> change_points(const std::vector<double>& series,
                                       const ChangePointLimits& limits) {
  std::mt19937_64 random(limits.seed);
  std::vector<std::size_t> found;
  divide(series, 0, limits, random, found);
  return found;
}

}  // namespace npyrace
