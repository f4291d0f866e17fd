#include "bench/compare/shift.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <optional>

#include "bench/analysis/statistics.h"

namespace npyrace {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Unsorted.
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

/// Probability of each value 0 … n(n+1)/2 of the signed-rank statistic: rank k contributes k or 0
/// with equal probability.
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

/// Number of averages outside the interval at each end; 0: no interval reaches `alpha`.
std::size_t rank_skip(std::size_t n, double alpha) {
  constexpr std::size_t kExactUpTo = 60;  // above it uses the normal approximation
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

namespace {

/// Ratio of standard deviation to median absolute deviation for normal samples.
constexpr double kMadToDeviation = 1.4826;

double t_quantile(double alpha, double degrees) {
  return boost::math::quantile(
      boost::math::complement(boost::math::students_t(degrees), alpha / 2));
}

std::vector<double> differences(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> all;
  all.reserve(a.size() * b.size());
  for (const double x : a)
    for (const double y : b) all.push_back(y - x);
  std::ranges::sort(all);
  return all;
}

/// Distribution of the Mann-Whitney statistic of n and m samples over 0 … n·m. The counts for n
/// samples follow from those for fewer by the position of the largest one.
std::vector<double> mann_whitney_shares(std::size_t n, std::size_t m) {
  // Coefficients of the Gaussian binomial: multiply by (1 - q^(m+i)), divide by (1 - q^i), scaled
  // at each step to avoid overflow.
  std::vector<double> shares(n * m + 1, 0.0);
  shares[0] = 1;
  for (std::size_t i = 1; i <= n; ++i) {
    for (std::size_t u = shares.size(); u-- > m + i;) shares[u] -= shares[u - m - i];
    for (std::size_t u = i; u < shares.size(); ++u) shares[u] += shares[u - i];
    const double scale = static_cast<double>(i) / static_cast<double>(m + i);
    for (double& share : shares) share *= scale;
  }
  return shares;
}

/// Number of sorted differences to omit at each end; nothing if no interval reaches `alpha`.
std::optional<std::size_t> rank_skip(std::size_t n, std::size_t m, double alpha) {
  constexpr std::size_t kExactUpTo = 25;  // above it uses the normal approximation
  if (std::min(n, m) > kExactUpTo) {
    const double z =
        boost::math::quantile(boost::math::complement(boost::math::normal(), alpha / 2));
    const double nm = static_cast<double>(n) * static_cast<double>(m);
    const double deviation = std::sqrt(nm * static_cast<double>(n + m + 1) / 12);
    const double skip = std::floor(nm / 2 - z * deviation);
    return skip < 1 ? std::nullopt : std::optional(static_cast<std::size_t>(skip));
  }
  const std::vector<double> shares = mann_whitney_shares(n, m);
  double below = 0;
  std::size_t skip = 0;
  while (skip < shares.size() && below + shares[skip] <= alpha / 2) below += shares[skip++];
  return skip == 0 ? std::nullopt : std::optional(skip);
}

std::vector<double> medians_of(const LogRuns& runs) {
  std::vector<double> medians;
  for (const auto& run : runs) medians.push_back(median(run));
  return medians;
}

struct Moments {
  double mean = 0;
  double variance = 0;  ///< of the samples, not of the mean
  double count = 0;
};

Moments moments_of(const std::vector<double>& samples) {
  Moments moments{.count = static_cast<double>(samples.size())};
  moments.mean = std::accumulate(samples.begin(), samples.end(), 0.0) / moments.count;
  if (samples.size() < 2) return moments;
  for (const double sample : samples)
    moments.variance += (sample - moments.mean) * (sample - moments.mean) / (moments.count - 1);
  return moments;
}

Shift around(double middle, double half_width, ShiftBasis basis) {
  return {middle, middle - half_width, middle + half_width, basis};
}

Shift welch(const Moments& base, const Moments& candidate, double alpha) {
  const double a = base.variance / base.count;
  const double b = candidate.variance / candidate.count;
  const double middle = candidate.mean - base.mean;
  if (a + b == 0) return around(middle, 0, ShiftBasis::runs);
  const double degrees =
      (a + b) * (a + b) / (a * a / (base.count - 1) + b * b / (candidate.count - 1));
  return around(middle, t_quantile(alpha, degrees) * std::sqrt(a + b), ShiftBasis::runs);
}

/// Prediction interval for one more run of the same distribution.
Shift against_many(const Moments& many, double middle, double alpha) {
  const double width = many.variance == 0 ? 0
                                          : t_quantile(alpha, many.count - 1) *
                                                std::sqrt(many.variance * (1 + 1 / many.count));
  return around(middle, width, ShiftBasis::runs_of_one);
}

Shift by_repetitions(const ShiftQuestion& question) {
  const auto& base = question.base.front();
  const auto& candidate = question.candidate.front();
  const double middle = hodges_lehmann(base, candidate);
  const Interval ranks = rank_interval(base, candidate, question.alpha);
  return {middle, middle - std::hypot(middle - ranks.low, question.run_allowance),
          middle + std::hypot(ranks.high - middle, question.run_allowance),
          ShiftBasis::repetitions};
}

std::vector<double> differences_of_rounds(const ShiftQuestion& question) {
  const std::vector<double> base = medians_of(question.base);
  const std::vector<double> candidate = medians_of(question.candidate);
  std::vector<double> differences;
  for (std::size_t i = 0; i < std::min(base.size(), candidate.size()); ++i)
    differences.push_back(candidate[i] - base[i]);
  return differences;
}

/// With too few rounds for a signed-rank interval at `alpha`, uses Student's t, which assumes a
/// normal distribution.
Interval interval_of_rounds(const std::vector<double>& rounds, double alpha) {
  if (rounds.size() >= fewest_rounds(alpha)) return signed_rank_interval(rounds, alpha);
  if (rounds.size() < 2) return {-kInfinity, kInfinity};
  const Moments moments = moments_of(rounds);
  const double width =
      t_quantile(alpha, moments.count - 1) * std::sqrt(moments.variance / moments.count);
  return {moments.mean - width, moments.mean + width};
}

Shift by_rounds(const ShiftQuestion& question) {
  const std::vector<double> rounds = differences_of_rounds(question);
  const Interval interval = interval_of_rounds(rounds, question.alpha);
  return {middle_of_rounds(rounds), interval.low, interval.high, ShiftBasis::rounds};
}

/// Margin for a larger scatter of the next rounds: sufficient in nine cases of ten,
/// docs/gate-statistics.md.
constexpr double kMargin = 1.15;

/// Half width of a t interval in standard deviations.
double relative_width(std::uint64_t count, double degrees, double alpha) {
  return t_quantile(alpha, degrees) / std::sqrt(static_cast<double>(count));
}

/// Found by search: with few runs the t quantile decreases faster than the square root of their
/// number grows, so there is no closed form.
template <typename Width>
std::uint64_t first_as_narrow(Width width, std::uint64_t from, double goal) {
  std::uint64_t too_few = from - 1, enough = 1'000'000;
  while (enough - too_few > 1) {
    const std::uint64_t between = too_few + (enough - too_few) / 2;
    (width(between) > goal ? too_few : enough) = between;
  }
  return enough;
}

}  // namespace

Shift shift_of(const ShiftQuestion& question) {
  if (question.paired) return by_rounds(question);
  if (question.base.size() == 1 && question.candidate.size() == 1) return by_repetitions(question);
  const Moments base = moments_of(medians_of(question.base));
  const Moments candidate = moments_of(medians_of(question.candidate));
  if (base.count > 1 && candidate.count > 1) return welch(base, candidate, question.alpha);
  return against_many(base.count > 1 ? base : candidate, candidate.mean - base.mean,
                      question.alpha);
}

double hodges_lehmann(const std::vector<double>& a, const std::vector<double>& b) {
  return median(differences(a, b));
}

Interval rank_interval(const std::vector<double>& a, const std::vector<double>& b, double alpha) {
  const std::optional<std::size_t> skip = rank_skip(a.size(), b.size(), alpha);
  if (!skip) return {-kInfinity, kInfinity};
  const std::vector<double> all = differences(a, b);
  return {all[*skip - 1], all[all.size() - *skip]};
}

double run_allowance(std::vector<double> shifts, const std::vector<double>& reference_shifts,
                     double alpha) {
  constexpr std::size_t kFewestCells = 4;
  double machine = 0;
  for (const double shift : reference_shifts) machine = std::max(machine, std::abs(shift));
  if (shifts.size() < kFewestCells) {
    const boost::math::normal normal;
    const double z = boost::math::quantile(boost::math::complement(normal, alpha / 2));
    return z * kAssumedRunScatter + machine;
  }
  const double middle = median(shifts);
  for (double& shift : shifts) shift = std::abs(shift - middle);
  const double scatter = kMadToDeviation * median(shifts);
  return t_quantile(alpha, static_cast<double>(shifts.size() - 1)) * scatter + machine;
}

std::uint64_t runs_needed(std::uint64_t runs, double half_width, double wanted, double alpha) {
  if (!std::isfinite(half_width) || wanted <= 0) return 0;
  // With one run there are no degrees of freedom.
  const auto width = [&](std::uint64_t n) {
    return relative_width(n, n > 1 ? 2 * static_cast<double>(n) - 2 : 2, alpha);
  };
  return first_as_narrow(width, std::max<std::uint64_t>(runs, 2),
                         width(runs) * wanted / half_width);
}

std::uint64_t rounds_needed(std::uint64_t rounds, double half_width, double wanted, double alpha) {
  if (rounds < 2 || !std::isfinite(half_width) || wanted <= 0) return 0;
  const auto width = [&](std::uint64_t n) {
    return relative_width(n, static_cast<double>(n) - 1, alpha);
  };
  return first_as_narrow(width, 2, width(rounds) * wanted / (half_width * kMargin));
}

}  // namespace npyrace
