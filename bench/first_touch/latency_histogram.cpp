#include "bench/first_touch/latency_histogram.h"

#include <algorithm>
#include <boost/histogram.hpp>
#include <cmath>

namespace npyrace {
namespace {

constexpr double kShortest = 1e-8, kLongest = 10;
constexpr unsigned kBars = 9 * 5;

/// Of ascending samples, at least one.
double percentile(const std::vector<double>& samples, double share) {
  const double rank = std::ceil(share * static_cast<double>(samples.size()));
  return samples[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

std::vector<LatencyBar> bars_of(const std::vector<double>& samples) {
  namespace bh = boost::histogram;
  using Axis = bh::axis::regular<double, bh::axis::transform::log>;
  auto histogram =
      bh::make_histogram_with(std::vector<std::uint64_t>(), Axis(kBars, kShortest, kLongest));
  histogram.fill(samples);
  std::vector<LatencyBar> bars;
  for (auto&& bar : bh::indexed(histogram, bh::coverage::all)) {
    const std::uint64_t inside = *bar;
    if (inside == 0) continue;
    const bool above = bar.bin().upper() > kLongest * 1.001;
    bars.push_back({.from_seconds = std::max(0.0, bar.bin().lower()),
                    .to_seconds = above ? samples.back() : bar.bin().upper(),
                    .samples = inside});
  }
  return bars;
}

}  // namespace

LatencyResult summarize_latencies(std::string name, std::vector<double> seconds) {
  LatencyResult result{.name = std::move(name), .samples = seconds.size()};
  if (seconds.empty()) return result;
  std::ranges::sort(seconds);
  result.p50_seconds = percentile(seconds, 0.5);
  result.p90_seconds = percentile(seconds, 0.9);
  result.p99_seconds = percentile(seconds, 0.99);
  result.max_seconds = seconds.back();
  result.histogram = bars_of(seconds);
  return result;
}

}  // namespace npyrace
