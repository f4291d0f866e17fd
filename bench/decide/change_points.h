#pragma once
// Where a series of measurements changed its level: E-divisive means (Matteson and James, "A
// nonparametric approach for multiple change point analysis of multivariate data", JASA 2014), as
// CI tools use it. Pure: its permutations are seeded.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace npyrace {

struct ChangePointLimits {
  double alpha = 0.01;               ///< chance that a series without a change has one
  std::size_t shortest_segment = 3;  ///< points
  std::uint64_t seed = 1;
};

/// Ascending indices at which a new level begins; none of a series shorter than two segments.
std::vector<std::size_t> change_points(const std::vector<double>& series,
                                       const ChangePointLimits& limits);

}  // namespace npyrace
