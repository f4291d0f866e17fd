#include "bench/compare/slow_share.h"

#include <algorithm>
#include <boost/math/distributions/hypergeometric.hpp>
#include <cmath>
#include <utility>

#include "bench/analysis/statistics.h"
#include "bench/compare/shift.h"

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

namespace {

constexpr double kSlow = 2;  ///< in multiples of the median
constexpr double kNoticeableShare = 0.05;

std::size_t count_slow(const std::vector<double>& samples, double middle) {
  return static_cast<std::size_t>(
      std::ranges::count_if(samples, [&](double sample) { return sample > kSlow * middle; }));
}

double share(const std::vector<double>& samples, double middle) {
  return static_cast<double>(count_slow(samples, middle)) / static_cast<double>(samples.size());
}

void append(std::vector<double>& all, const std::vector<double>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

/// One number per run.
struct Shares {
  LogRuns base, candidate;
};

Shares shares_of_rounds(const SampleRuns& base, const SampleRuns& candidate) {
  Shares shares;
  for (std::size_t i = 0; i < std::min(base.size(), candidate.size()); ++i) {
    std::vector<double> both = base[i];
    append(both, candidate[i]);
    const double middle = median(both);
    shares.base.push_back({share(base[i], middle)});
    shares.candidate.push_back({share(candidate[i], middle)});
  }
  return shares;
}

double middle_of_all(const SampleRuns& base, const SampleRuns& candidate) {
  std::vector<double> all;
  for (const SampleRuns* runs : {&base, &candidate})
    for (const std::vector<double>& run : *runs) append(all, run);
  return median(all);
}

Shares shares_of_runs(const SampleRuns& base, const SampleRuns& candidate) {
  const double middle = middle_of_all(base, candidate);
  Shares shares;
  for (const std::vector<double>& run : base) shares.base.push_back({share(run, middle)});
  for (const std::vector<double>& run : candidate) shares.candidate.push_back({share(run, middle)});
  return shares;
}

double mean(const LogRuns& runs) {
  double sum = 0;
  for (const std::vector<double>& run : runs) sum += run.front();
  return sum / static_cast<double>(runs.size());
}

/// Fisher's exact test: the probability that NEW would have that many slow samples if they were
/// distributed randomly over both runs.
bool is_rare(const std::vector<double>& base, const std::vector<double>& candidate, double alpha) {
  const double middle = middle_of_all({base}, {candidate});
  const std::size_t slow = count_slow(candidate, middle);
  const std::size_t all_slow = slow + count_slow(base, middle);
  if (slow == 0) return false;
  const boost::math::hypergeometric dealt(static_cast<unsigned>(all_slow),
                                          static_cast<unsigned>(candidate.size()),
                                          static_cast<unsigned>(base.size() + candidate.size()));
  const auto least = std::max<std::ptrdiff_t>(
      0, static_cast<std::ptrdiff_t>(all_slow) - static_cast<std::ptrdiff_t>(base.size()));
  if (static_cast<std::ptrdiff_t>(slow) <= least) return false;
  return boost::math::cdf(boost::math::complement(dealt, static_cast<unsigned>(slow - 1))) <=
         alpha / 2;
}

}  // namespace

SlowShare slow_share(const SampleRuns& base, const SampleRuns& candidate, bool paired,
                     double alpha) {
  const Shares shares =
      paired ? shares_of_rounds(base, candidate) : shares_of_runs(base, candidate);
  SlowShare result{.base = mean(shares.base), .candidate = mean(shares.candidate)};
  if (base.size() == 1 && candidate.size() == 1) {
    result.grew = result.candidate > result.base + kNoticeableShare &&
                  is_rare(base.front(), candidate.front(), alpha);
    return result;
  }
  const Shift shift = shift_of(
      {.base = shares.base, .candidate = shares.candidate, .alpha = alpha, .paired = paired});
  result.grew = shift.low > kNoticeableShare;
  return result;
}

}  // namespace npyrace
