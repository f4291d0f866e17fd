#include "bench/remote/clock_offset.h"

#include <array>
#include <vector>

#include "bench/strategies/writer.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

constexpr std::int64_t kAheadNs = 1'000'000'000'000;  // the other machine was started long before

/// A request with transit time `there` and a reply with transit time `back`.
ClockExchange exchange(std::int64_t asked_ns, std::int64_t there_ns, std::int64_t back_ns) {
  return {.asked_ns = asked_ns,
          .theirs_ns = asked_ns + there_ns + kAheadNs,
          .answered_ns = asked_ns + there_ns + back_ns};
}

WriterReport at_work(std::int64_t from_ns, std::int64_t until_ns) {
  return {.start_ns = from_ns,
          .end_ns = until_ns,
          .write_start_ns = from_ns,
          .written_ns = until_ns,
          .write_end_ns = until_ns};
}

double overlap_of(const WriterReport& ours, const WriterReport& theirs) {
  return overlap_seconds(std::array{ours, theirs}, std::array<std::uint64_t, 2>{1, 2});
}

}  // namespace

TEST_CASE("the true clock offset lies within the bounds for any message delays", "[clock]") {
  ClockBounds bounds;
  bounds.note(exchange(0, 1000, 90'000));
  bounds.note(exchange(500'000, 70'000, 300));
  CHECK(bounds.least_ns <= kAheadNs);
  CHECK(bounds.most_ns >= kAheadNs);
  CHECK(bounds.most_ns - bounds.least_ns <= 1300);  // narrower than either alone
}

TEST_CASE("a clock that drifts is bounded by what was seen before and after", "[clock]") {
  ClockBounds before, after;
  before.note(exchange(0, 100, 100));
  after.note({.asked_ns = 1'000'000, .theirs_ns = 1'005'100 + kAheadNs, .answered_ns = 1'000'200});
  const ClockBounds all = between(before, after);
  CHECK(all.least_ns <= kAheadNs);
  CHECK(all.most_ns >= kAheadNs + 5000);
}

TEST_CASE("times of another clock are converted, and uncertain parts do not count as overlap",
          "[clock]") {
  ClockBounds bounds;
  bounds.note(exchange(0, 5000, 5000));
  const WriterReport ours = at_work(0, 100'000);
  // By its own clock it worked much later than we did.
  const WriterReport together = at_work(20'000 + kAheadNs, 120'000 + kAheadNs);
  CHECK(overlap_of(ours, together) == 0);
  const double seen = overlap_of(ours, by_our_clock(together, bounds));
  CHECK(seen > 60e-6);
  CHECK(seen <= 80e-6);  // the true overlap
  // Worked one after the other, with a gap smaller than the clock error.
  const WriterReport apart = by_our_clock(at_work(101'000 + kAheadNs, 200'000 + kAheadNs), bounds);
  CHECK(overlap_of(ours, apart) == 0);
  ClockBounds late;  // the same, with the largest possible error of an estimate
  late.note({.asked_ns = 0, .theirs_ns = kAheadNs + 10'000, .answered_ns = 10'000});
  CHECK(overlap_of(ours, by_our_clock(at_work(100'001 + kAheadNs, 200'000 + kAheadNs), late)) == 0);
}

TEST_CASE("an interval shorter than the clock error still counts as a participant", "[clock]") {
  ClockBounds bounds;
  bounds.note(exchange(0, 50'000, 50'000));
  const auto theirs = by_our_clock(at_work(10'000 + kAheadNs, 11'000 + kAheadNs), bounds);
  const std::array reports{at_work(0, 100'000), theirs};
  const std::array<std::uint64_t, 2> caches{1, 2};
  CHECK(overlap_seconds(reports, caches) == 0);
  CHECK(together_share(reports, caches, false) == 0);
  CHECK(together_share(reports, caches, true) == 1);
}
