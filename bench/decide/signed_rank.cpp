#include "bench/decide/signed_rank.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <cstddef>
#include <limits>

namespace npyrace {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Not in order.
std::vector<double> walsh_averages(const std::vector<double>& samples) {
  std::vector<double> averages;
  averages.reserve(samples.size() * (samples.size() + 1) / 2);
  for (std::size_t i = 0; i < samples.size(); ++i)
    for (std::size_t j = i; j < samples.size(); ++j)
      averages.push_back((samples[i] + samples[j]) / 2);
  return averages;
}

double nth(std::vector<double>& values, std::size_t n) {
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(n);
  std::ranges::nth_element(values, place);
  return *place;
}

/// How likely each value 0 … n(n+1)/2 of the signed-rank statistic is: rank k adds k or nothing,
/// with equal chances.
std::vector<double> signed_rank_shares(std::size_t n) {
  std::vector<double> shares(n * (n + 1) / 2 + 1, 0.0);
  shares[0] = 1;
  std::size_t highest = 0;
  for (std::size_t rank = 1; rank <= n; ++rank) {
    highest += rank;
    for (std::size_t w = highest + 1; w-- > 0;)
      shares[w] = (shares[w] + (w >= rank ? shares[w - rank] : 0)) / 2;
  }
  return shares;
}

/// How many averages lie outside the interval at each end; 0: no interval is that sure.
std::size_t rank_skip(std::size_t n, double alpha) {
  constexpr std::size_t kExactUpTo = 60;  // beyond it the normal curve is as good
  if (n > kExactUpTo) {
    const double count = static_cast<double>(n);
    const double z =
        boost::math::quantile(boost::math::complement(boost::math::normal(), alpha / 2));
    const double deviation = std::sqrt(count * (count + 1) * (2 * count + 1) / 24);
    return static_cast<std::size_t>(
        std::max(0.0, std::floor(count * (count + 1) / 4 - z * deviation)));
  }
  const std::vector<double> shares = signed_rank_shares(n);
  double below = 0;
  std::size_t skip = 0;
  while (skip < shares.size() && below + shares[skip] <= alpha / 2) below += shares[skip++];
  return skip;
}

}  // namespace

double middle_of_rounds(const std::vector<double>& samples) {
  std::vector<double> averages = walsh_averages(samples);
  const std::size_t half = averages.size() / 2;
  const double above = nth(averages, half);
  return averages.size() % 2 == 1 ? above : (above + nth(averages, half - 1)) / 2;
}

std::size_t fewest_rounds(double alpha) {
  std::size_t rounds = 1;
  for (double all_on_one_side = 0.5; all_on_one_side > alpha / 2; all_on_one_side /= 2) ++rounds;
  return rounds;
}

Interval signed_rank_interval(const std::vector<double>& samples, double alpha) {
  const std::size_t skip = rank_skip(samples.size(), alpha);
  if (skip == 0) return {-kInfinity, kInfinity};
  std::vector<double> averages = walsh_averages(samples);
  const double low = nth(averages, skip - 1);
  return {low, nth(averages, averages.size() - skip)};
}

}  // namespace npyrace
