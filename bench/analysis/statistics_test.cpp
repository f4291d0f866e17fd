#include "bench/analysis/statistics.h"

#include <random>

#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("the median of an even number lies between the two in the middle", "[statistics]") {
  CHECK(median({}) == 0);
  CHECK(median({3}) == 3);
  CHECK(median({9, 1, 5}) == 5);
  CHECK(median({1, 2, 10, 20}) == 6);
}

TEST_CASE("4603 trials leave less than 1 % to miss what happens once in 1000", "[statistics]") {
  CHECK(chance_to_miss(0) == 1);
  CHECK(chance_to_miss(4602) > 0.01);
  CHECK(chance_to_miss(4603) < 0.01);
}

TEST_CASE("the interval of few samples is their range, of many a part of it", "[statistics]") {
  const Interval few = median_interval({5, 1, 3});
  CHECK(few.low == 1);
  CHECK(few.high == 5);
  std::vector<double> samples;
  for (int i = 1; i <= 20; ++i) samples.push_back(i);
  const Interval many = median_interval(samples);
  CHECK(many.low == 6);  // tables of the sign test: ranks 6 and 15 of 20
  CHECK(many.high == 15);
}

TEST_CASE("the interval contains the true median with its nominal probability", "[statistics]") {
  std::mt19937 random(1);
  std::lognormal_distribution<double> skewed(0.0, 1.0);  // true median 1
  int held = 0;
  constexpr int kTrials = 2000;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> samples(15);
    for (double& sample : samples) sample = skewed(random);
    const Interval interval = median_interval(samples);
    held += interval.low <= 1 && 1 <= interval.high;
  }
  CHECK(held >= kTrials * 95 / 100);
}

TEST_CASE("phases count only writers that opened the file; collecting is that of one writer",
          "[statistics]") {
  const PhaseSeconds idle{.write = 1e-9};
  const PhaseSeconds busy{.open = 1, .write = 5, .collect = 7};
  const PhaseSeconds other{.open = 1, .write = 5};
  const PhaseSeconds seen = median_phases({idle, idle, busy, other});
  CHECK(seen.write == 5);
  CHECK(seen.collect == 7);
}
