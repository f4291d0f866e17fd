#include "bench/compare/slow_share.h"

#include <random>

#include "tests/catch.h"

using namespace npyrace;

namespace {

/// `count` runs of a hundred samples around `weather`, of which `slow` take nine times as long.
SampleRuns runs(std::size_t count, std::size_t slow, std::uint64_t seed, double weather = 1) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> noise(0, 0.05);
  SampleRuns all(count);
  for (std::vector<double>& run : all)
    for (std::size_t i = 0; i < 100; ++i)
      run.push_back(weather * noise(random) * (i < slow ? 9 : 1));
  return all;
}

}  // namespace

TEST_CASE("a larger share of slow samples is found and reported with its size", "[slow-share]") {
  for (const bool paired : {true, false}) {
    const SlowShare share = slow_share(runs(12, 2, 1), runs(12, 30, 2), paired, 0.001);
    CHECK(share.grew);
    CHECK(share.base == Approx(0.02));
    CHECK(share.candidate == Approx(0.3));
    CHECK_FALSE(slow_share(runs(12, 30, 1), runs(12, 2, 2), paired, 0.001).grew);
    CHECK_FALSE(slow_share(runs(12, 10, 1), runs(12, 10, 2), paired, 0.001).grew);
    // Too small an increase.
    CHECK_FALSE(slow_share(runs(12, 2, 1), runs(12, 4, 2), paired, 0.001).grew);
  }
}

TEST_CASE("with one run per side Fisher's test is used", "[slow-share]") {
  CHECK(slow_share(runs(1, 2, 1), runs(1, 30, 2), false, 0.001).grew);
  CHECK_FALSE(slow_share(runs(1, 5, 1), runs(1, 12, 2), false, 0.001).grew);
  CHECK_FALSE(slow_share(runs(1, 0, 1), runs(1, 0, 2), false, 0.001).grew);
  CHECK_FALSE(slow_share(runs(1, 30, 1), runs(1, 0, 2), false, 0.001).grew);
}

TEST_CASE("two equal sides do not systematically differ in slow samples", "[slow-share]") {
  std::size_t alarms = 0;
  for (std::uint64_t trial = 0; trial < 400; ++trial) {
    SampleRuns base, candidate;
    for (std::uint64_t round = 0; round < 12; ++round) {
      std::mt19937_64 random(1000 * trial + round);
      std::lognormal_distribution<double> weather(0, 1);
      base.push_back(runs(1, random() % 40, random(), weather(random)).front());
      candidate.push_back(runs(1, random() % 40, random(), weather(random)).front());
    }
    alarms += slow_share(base, candidate, true, 0.02).grew;
  }
  CHECK(alarms <= 8);  // the expected maximum is 4 of 400
}
