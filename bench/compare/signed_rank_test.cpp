#include <cmath>
#include <random>

#include "bench/compare/shift.h"
#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("the signed-rank interval is that of Wilcoxon's table", "[signed_rank]") {
  // Six samples: of the 64 sign assignments one gives W = 0, 1/64 = 1.56 % at each end. So at 5 %
  // two-sided the bounds are the smallest and the largest average.
  const std::vector<double> six{1, 2, 3, 4, 5, 6};
  CHECK(signed_rank_interval(six, 0.05).low == 1);
  CHECK(signed_rank_interval(six, 0.05).high == 6);
  // Eight samples: W <= 3 in 5 of 256 cases (1.95 %), W <= 4 in 7 (2.73 %), so the bound is the
  // fourth average from each end. Averages in order: 0, 5, 10, 10, 15 …
  const std::vector<double> eight{0, 10, 20, 30, 40, 50, 60, 70};
  CHECK(signed_rank_interval(eight, 0.05).low == 10);
  CHECK(signed_rank_interval(eight, 0.05).high == 60);
}

TEST_CASE("too few rounds for significance give no interval", "[signed_rank]") {
  CHECK(fewest_rounds(0.05) == 6);
  CHECK(fewest_rounds(2 * 0.01 / 8) == 10);
  const std::vector<double> five{1, 2, 3, 4, 5};
  CHECK(std::isinf(signed_rank_interval(five, 0.05).low));
  CHECK(std::isfinite(signed_rank_interval(five, 0.07).low));
}

TEST_CASE("the median of rounds agrees with a manual computation", "[signed_rank]") {
  CHECK(middle_of_rounds({3}) == 3);
  CHECK(middle_of_rounds({0, 2}) == 1);          // 0, 1, 2
  CHECK(middle_of_rounds({0, 1, 100}) == 25.5);  // 0, 0.5, 1, 50, 50.5, 100: (1 + 50) / 2
}

TEST_CASE("exact and normal signed-rank intervals meet", "[signed_rank]") {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  std::vector<double> samples(60);
  for (double& sample : samples) sample = normal(random);
  const Interval exact = signed_rank_interval(samples, 0.002);
  samples.push_back(0);
  const Interval approximate = signed_rank_interval(samples, 0.002);
  CHECK(exact.high - exact.low == Approx(approximate.high - approximate.low).epsilon(0.08));
}

TEST_CASE("the signed-rank interval has its nominal error rate for any noise", "[signed_rank]") {
  std::mt19937_64 random(5);
  std::cauchy_distribution<double> wild;
  int missed = 0;
  constexpr int kTrials = 4000;
  for (int i = 0; i < kTrials; ++i) {
    std::vector<double> samples(12);
    for (double& sample : samples) sample = wild(random);
    const Interval interval = signed_rank_interval(samples, 0.1);
    missed += interval.low > 0 || interval.high < 0;
  }
  CHECK(missed <= 0.12 * kTrials);
  CHECK(missed >= 0.06 * kTrials);
}
