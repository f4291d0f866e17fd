#include "bench/analysis/statistics.h"

#include <algorithm>
#include <cmath>

namespace npyrace {
namespace {

/// Probability of at most k heads in n tosses of a fair coin.
double binomial_at_most(std::size_t k, std::size_t n) {
  double term = std::pow(0.5, static_cast<double>(n));
  double sum = term;
  for (std::size_t i = 1; i <= k; ++i) {
    term *= static_cast<double>(n - i + 1) / static_cast<double>(i);
    sum += term;
  }
  return sum;
}

}  // namespace

double chance_to_miss(std::uint64_t trials) {
  return std::pow(1 - 0.001, static_cast<double>(trials));
}

double median(std::vector<double> samples) {
  if (samples.empty()) return 0;
  std::ranges::sort(samples);
  const std::size_t middle = samples.size() / 2;
  if (samples.size() % 2 == 1) return samples[middle];
  return (samples[middle - 1] + samples[middle]) / 2;
}

PhaseSeconds median_phases(std::vector<PhaseSeconds> all) {
  // A writer that did not open the file has no phases.
  std::erase_if(all, [](const PhaseSeconds& one) { return one.open == 0; });
  const auto median_of = [&](double PhaseSeconds::*phase) {
    std::vector<double> samples;
    for (const PhaseSeconds& one : all) samples.push_back(one.*phase);
    return median(std::move(samples));
  };
  // Only one writer collects; the zeros of the others are excluded.
  std::vector<double> collects;
  for (const PhaseSeconds& one : all)
    if (one.collect > 0) collects.push_back(one.collect);
  return {.open = median_of(&PhaseSeconds::open),
          .map = median_of(&PhaseSeconds::map),
          .first_touch = median_of(&PhaseSeconds::first_touch),
          .write = median_of(&PhaseSeconds::write),
          .sync = median_of(&PhaseSeconds::sync),
          .close = median_of(&PhaseSeconds::close),
          .collect = median(std::move(collects))};
}

Interval median_interval(std::vector<double> samples) {
  if (samples.empty()) return {};
  std::ranges::sort(samples);
  // The median lies below sample number k (from 0) if at most k samples are below it.
  std::size_t skip = 0;
  while (2 * (skip + 1) < samples.size() && binomial_at_most(skip + 1, samples.size()) <= 0.025)
    ++skip;
  if (binomial_at_most(skip, samples.size()) > 0.025) skip = 0;
  return {samples[skip], samples[samples.size() - 1 - skip]};
}

}  // namespace npyrace
