#include "bench/knee.h"

#include <algorithm>

#include "bench/statistics.h"

namespace npyrace {
namespace {

bool enough_samples(const std::vector<ThroughputAtWriters>& points) {
  return points.size() >= 2 && std::all_of(points.begin(), points.end(), [](const auto& point) {
           return point.records_per_second.size() >= kKneeSamples;
         });
}

}  // namespace

std::optional<std::size_t> knee_writers(std::vector<ThroughputAtWriters> points) {
  if (!enough_samples(points)) return std::nullopt;
  std::sort(points.begin(), points.end(),
            [](const auto& a, const auto& b) { return a.writers < b.writers; });
  // The largest number has nothing above it to be compared with: it is never a knee.
  for (auto here = points.begin(); here + 1 != points.end(); ++here) {
    const double high = median_interval(here->records_per_second).high;
    const bool beaten = std::any_of(here + 1, points.end(), [high](const auto& later) {
      return median_interval(later.records_per_second).low > high;
    });
    if (!beaten) return here->writers;
  }
  return std::nullopt;
}

}  // namespace npyrace
