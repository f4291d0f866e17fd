#include <numeric>

#include "bench/experiments/first_touch.h"
#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("percentiles are samples", "[latency]") {
  std::vector<double> seconds;
  for (int i = 100; i >= 1; --i) seconds.push_back(i * 1e-6);
  const LatencyResult result = summarize_latencies("first", seconds);
  CHECK(result.samples == 100);
  CHECK(result.p50_seconds == Approx(50e-6));
  CHECK(result.p90_seconds == Approx(90e-6));
  CHECK(result.p99_seconds == Approx(99e-6));
  CHECK(result.max_seconds == Approx(100e-6));
}

TEST_CASE("every sample is in one bar, and each bar has its range", "[latency]") {
  const std::vector<double> seconds{0, 1e-9, 1e-6, 1.01e-6, 0.5, 25};
  const LatencyResult result = summarize_latencies("first", seconds);
  std::uint64_t sum = 0;
  double last = 0;
  for (const LatencyBar& bar : result.histogram) {
    sum += bar.samples;
    CHECK(bar.samples > 0);
    CHECK(bar.from_seconds >= last);
    CHECK(bar.to_seconds > bar.from_seconds);
    last = bar.from_seconds;
    std::uint64_t inside = 0;
    for (const double sample : seconds)
      inside += sample >= bar.from_seconds * 0.999 && sample <= bar.to_seconds * 1.001;
    CHECK(inside >= bar.samples);
  }
  CHECK(sum == seconds.size());
  CHECK(result.histogram.front().from_seconds == 0);
  CHECK(result.histogram.back().to_seconds == 25);
}

TEST_CASE("no samples give no numbers", "[latency]") {
  CHECK(summarize_latencies("first", {}).histogram.empty());
}
