#include "bench/compare/shift.h"

#include <cmath>
#include <random>

#include "tests/catch.h"

using namespace npyrace;

namespace {

std::vector<double> noise(std::mt19937_64& random, std::size_t count, double middle,
                          double spread) {
  std::normal_distribution<double> normal(middle, spread);
  std::vector<double> samples(count);
  for (double& sample : samples) sample = normal(random);
  return samples;
}

}  // namespace

TEST_CASE("the rank interval is that of the Mann-Whitney table", "[shift]") {
  // Five samples per side: of 252 orders one has U = 0, one 1, two 2, three 3, and five 4. At 5 %
  // two-sided, U up to 2 is excluded (4/252 = 1.6 % at each end), so the bounds are the third
  // differences from either end.
  const std::vector<double> a{0, 0, 0, 0, 0};
  const std::vector<double> b{1, 2, 3, 4, 5};
  const Interval interval = rank_interval(a, b, 0.05);
  CHECK(interval.low == 1);  // the differences are 1 five times, 2 five times …
  CHECK(interval.high == 5);
  const std::vector<double> c{0, 10, 20, 30, 40};
  const Interval spread = rank_interval(c, c, 0.05);
  CHECK(spread.low == -30);  // sorted: -40, -30 twice, …
  CHECK(spread.high == 30);
}

TEST_CASE("too few samples for any significant order give no interval", "[shift]") {
  const std::vector<double> three{1, 2, 3};
  CHECK(std::isinf(rank_interval(three, three, 0.05).high));  // 1 of 20 orders is 5 % at each end
  CHECK(std::isfinite(rank_interval(three, three, 0.11).high));
}

TEST_CASE("exact and normal rank intervals meet", "[shift]") {
  std::mt19937_64 random(1);
  const auto a = noise(random, 25, 0, 1);
  auto b = noise(random, 25, 0, 1);
  const Interval exact = rank_interval(a, b, 0.01);
  const auto a26 = noise(random, 26, 0, 1);
  b.push_back(0.01);
  const Interval normal = rank_interval(a26, b, 0.01);
  CHECK(exact.high - exact.low == Approx(normal.high - normal.low).epsilon(0.25));
}

TEST_CASE("the interval has its nominal error rate for repetitions of one population", "[shift]") {
  std::mt19937_64 random(7);
  int missed = 0;
  constexpr int kTrials = 4000;
  for (int i = 0; i < kTrials; ++i) {
    const Interval interval = rank_interval(noise(random, 8, 0, 1), noise(random, 8, 0, 1), 0.05);
    missed += interval.low > 0 || interval.high < 0;
  }
  CHECK(missed <= 0.06 * kTrials);
  CHECK(missed >= 0.02 * kTrials);  // the interval must not be trivially wide
}

TEST_CASE("the interval has its nominal error rate for runs that differ", "[shift]") {
  std::mt19937_64 random(11);
  int missed = 0, missed_by_one = 0, missed_without = 0;
  constexpr int kTrials = 3000;
  for (int i = 0; i < kTrials; ++i) {
    std::normal_distribution<double> between(0, 0.2);
    const auto run = [&] { return noise(random, 20, between(random), 0.1); };
    const Shift many =
        shift_of({.base = {run(), run(), run()}, .candidate = {run(), run(), run()}});
    missed += many.low > 0 || many.high < 0;
    const Shift one = shift_of({.base = {run(), run(), run(), run()}, .candidate = {run()}});
    missed_by_one += one.low > 0 || one.high < 0;
    const Shift naive = shift_of({.base = {run()}, .candidate = {run()}});
    missed_without += naive.low > 0 || naive.high < 0;
  }
  CHECK(missed <= 0.06 * kTrials);
  CHECK(missed_by_one <= 0.06 * kTrials);
  CHECK(missed_without > 0.5 * kTrials);  // shows why one run per side needs an allowance
}

TEST_CASE("Welch's interval of two and two runs, computed by hand", "[shift]") {
  // Means 1 and 4, variances 2 and 2, so se = sqrt(2), 2 degrees of freedom, t = 4.30265.
  const Shift shift = shift_of({.base = {{0}, {2}}, .candidate = {{3}, {5}}});
  CHECK(shift.middle == 3);
  CHECK(shift.high == Approx(3 + 4.30265 * std::sqrt(2.0)).epsilon(1e-5));
  CHECK(shift.basis == ShiftBasis::runs);
}

TEST_CASE("a shift common to all cells is not scatter; the references' shift widens the limit",
          "[shift]") {
  CHECK(run_allowance({0.5, 0.5, 0.5, 0.5, 0.5}, {}, 0.01) == 0);
  CHECK(run_allowance({0.5, 0.5, 0.5, 0.5, 0.5}, {-0.2, 0.1}, 0.01) == Approx(0.2));
  CHECK(run_allowance({0, 0.1, -0.1, 0.05, -0.05}, {}, 0.01) > 0.2);
  CHECK(run_allowance({0.0}, {}, 0.05) == Approx(1.96 * kAssumedRunScatter).epsilon(0.01));
}

TEST_CASE("the estimated number of runs is sufficient", "[shift]") {
  // Three runs per side with deviation 0.1, whose interval has the width of Welch's formula.
  const double alpha = 0.0025;
  const Shift three =
      shift_of({.base = {{-0.1}, {0}, {0.1}}, .candidate = {{-0.1}, {0}, {0.1}}, .alpha = alpha});
  const std::uint64_t needed = runs_needed(3, three.high, 0.1, alpha);
  LogRuns side;
  for (std::uint64_t i = 0; i < needed; ++i) side.push_back({0.1 * (i % 2 == 0 ? 1 : -1)});
  const Shift then = shift_of({.base = side, .candidate = side, .alpha = alpha});
  CHECK(then.high == Approx(0.1).epsilon(0.15));
  CHECK(runs_needed(5, INFINITY, 0.1, alpha) == 0);
}

TEST_CASE("slow changes of the machine cancel within rounds", "[shift]") {
  std::mt19937_64 random(13);
  int missed = 0, found = 0, found_apart = 0;
  constexpr int kTrials = 1000;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::normal_distribution<double> machine(0, 0.5), own(0, 0.02);
    ShiftQuestion same{.paired = true}, slower{.paired = true};
    for (int round = 0; round < 12; ++round) {
      const double weather = machine(random);
      const double base = weather + own(random), candidate = weather + own(random);
      same.base.push_back({base});
      same.candidate.push_back({candidate});
      slower.base.push_back({base});
      slower.candidate.push_back({candidate + 0.1});
    }
    const Shift none = shift_of(same);
    missed += none.low > 0 || none.high < 0;
    found += shift_of(slower).low > 0;
    slower.paired = false;
    found_apart += shift_of(slower).low > 0;
  }
  CHECK(missed <= 0.06 * kTrials);
  CHECK(found == kTrials);
  CHECK(found_apart < 0.1 * kTrials);  // shows why rounds are paired
}

TEST_CASE("few rounds are compared by t, more by ranks", "[shift]") {
  // Differences 1, 2, 3: mean 2, deviation 1, t = 4.30265 with 2 degrees of freedom.
  const Shift three =
      shift_of({.base = {{0}, {5}, {9}}, .candidate = {{1}, {7}, {12}}, .paired = true});
  CHECK(three.basis == ShiftBasis::rounds);
  CHECK(three.middle == 2);
  CHECK(three.high == Approx(2 + 4.30265 / std::sqrt(3.0)).epsilon(1e-5));
  ShiftQuestion six{.paired = true};
  for (int i = 1; i <= 6; ++i) {
    six.base.push_back({0.0});
    six.candidate.push_back({1.0 * i});
  }
  CHECK(shift_of(six).low == 1);
  CHECK(shift_of(six).high == 6);
}

TEST_CASE("the estimated number of rounds is sufficient, and half of it is not", "[shift]") {
  std::mt19937_64 random(17);
  std::normal_distribution<double> normal(0, 0.2);
  const auto rounds = [&](std::uint64_t count) {
    ShiftQuestion question{.alpha = 0.0025, .paired = true};
    for (std::uint64_t i = 0; i < count; ++i) {
      question.base.push_back({0.0});
      question.candidate.push_back({normal(random)});
    }
    return question;
  };
  int enough = 0, half_enough = 0;
  constexpr int kTrials = 300;
  for (int trial = 0; trial < kTrials; ++trial) {
    const Shift now = shift_of(rounds(16));
    const std::uint64_t needed = rounds_needed(16, (now.high - now.low) / 2, 0.1, 0.0025);
    const Shift then = shift_of(rounds(needed));
    const Shift half = shift_of(rounds(needed / 2));
    enough += (then.high - then.low) / 2 <= 0.1;
    half_enough += (half.high - half.low) / 2 <= 0.1;
  }
  CHECK(enough >= 0.7 * kTrials);
  CHECK(half_enough <= 0.4 * kTrials);
  CHECK(rounds_needed(1, INFINITY, 0.1, 0.0025) == 0);
}
