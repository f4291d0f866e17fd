#include "bench/launchers/together.h"
#include "bench/remote/clock_offset.h"
#include "bench/strategies/writer.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// A job that ran for five seconds from `start_seconds` by a CLOCK_REALTIME that is
/// `wall_off_seconds` ahead of the node's own clock.
JobRecord job(std::uint64_t writer, const std::string& clock, std::int64_t start_seconds,
              std::int64_t wall_off_seconds = 0) {
  JobRecord record{.writer = writer, .writers = 2};
  record.attempt.host_name = "host of " + clock;
  record.start_ns = record.write_start_ns = (start_seconds + wall_off_seconds) * kSecond;
  record.end_ns = record.write_end_ns = record.written_ns = record.start_ns + 5 * kSecond;
  record.clock = clock;
  record.clock_offset_ns = -wall_off_seconds * kSecond;
  return record;
}

double overlap_of(const std::vector<JobRecord>& records) {
  return overlap_seconds(compared_times(records).reports, std::vector<std::uint64_t>{0});
}

/// `seer` observed `other` at `seen_ns` by its own clock, after `other` had announced it at
/// `there_ns`.
void see(JobRecord& seer, JobRecord& other, std::int64_t there_ns, std::int64_t seen_ns) {
  other.there_ns = there_ns;
  seer.sightings.push_back({.writer = other.writer, .there_ns = there_ns, .seen_ns = seen_ns});
}

}  // namespace

TEST_CASE("setting the wall clock of a node creates no overlap", "[clocks]") {
  // The second ran ten seconds after the first, with a clock set back by ten seconds.
  CHECK(overlap_of({job(0, "boot", 100), job(1, "boot", 110, -10)}) == 0);
  CHECK(overlap_of({job(0, "boot", 100), job(1, "boot", 102, 1000)}) == 3);
}

TEST_CASE("unrelated clocks of two nodes show no overlap", "[clocks]") {
  const std::vector<JobRecord> records{job(0, "a", 100), job(1, "b", 100)};
  CHECK(overlap_of(records) == 0);
  CHECK(compared_times(records).incomparable.size() == 1);
}

TEST_CASE("a record without a clock overlaps with no other", "[clocks]") {
  CHECK(overlap_of({job(0, "", 100), job(1, "", 100)}) == 0);
}

TEST_CASE(
    "observations in both directions bound the clock offset, which is subtracted from the overlap",
    "[clocks]") {
  // Clock b is 50 s ahead of clock a; each saw the other one second later.
  JobRecord a = job(0, "a", 100);
  JobRecord b = job(1, "b", 152);
  see(a, b, 140 * kSecond, 91 * kSecond);
  CHECK(overlap_of({a, b}) == 0);  // one direction bounds one side only
  see(b, a, 90 * kSecond, 141 * kSecond);
  CHECK(compared_times({a, b}).largest_error_ns == kSecond);
  CHECK(overlap_of({a, b}) == 2);  // three seconds minus the clock error of one second
  CHECK(compared_times({a, b}).incomparable.empty());
}

TEST_CASE("the file server's clock compares nodes that did not wait for each other", "[clocks]") {
  JobRecord a = job(0, "a", 100);
  JobRecord b = job(1, "b", 152);
  const auto ask = [](JobRecord& record, std::int64_t asked_ns, std::int64_t server_ns) {
    record.asked_ns = asked_ns;
    record.server_ns = server_ns + 1;  // not a whole second
    record.answered_ns = asked_ns + kSecond / 10;
  };
  ask(a, 90 * kSecond, 1090 * kSecond);
  ask(b, 140 * kSecond, 1090 * kSecond);
  CHECK(overlap_of({a, b}) > 2.5);
  CHECK(overlap_of({a, b}) < 3);
}

TEST_CASE("sightings of an earlier attempt, and times that contradict each other, bound nothing",
          "[clocks]") {
  JobRecord a = job(0, "a", 100);
  JobRecord b = job(1, "b", 100);
  see(a, b, 90 * kSecond, 90 * kSecond);
  see(b, a, 90 * kSecond, 90 * kSecond);
  CHECK(overlap_of({a, b}) == 5);
  JobRecord again = b;
  again.there_ns = 95 * kSecond;
  CHECK(overlap_of({a, again}) == 0);
  b.sightings[0].seen_ns = 80 * kSecond;  // seen before it happened
  CHECK(overlap_of({a, b}) == 0);
}

TEST_CASE("times that contradict each other between many clocks do not add up beyond all numbers",
          "[clocks]") {
  constexpr std::uint64_t kJobs = 80;
  std::vector<JobRecord> jobs;
  for (std::uint64_t i = 0; i < kJobs; ++i) {
    jobs.push_back(job(i, std::to_string(i), 100));
    jobs[i].there_ns = 90 * kSecond;
    for (std::uint64_t other = 0; other < kJobs; ++other)  // all seen before they happened
      jobs[i].sightings.push_back({.writer = other, .there_ns = 90 * kSecond, .seen_ns = kSecond});
  }
  CHECK(overlap_of(jobs) == 0);
  CHECK(compared_times(jobs).incomparable.size() == kJobs);
}

TEST_CASE("the largest times that a record may have do not overflow", "[clocks]") {
  JobRecord a = job(0, "a", 0);
  a.start_ns = a.clock_offset_ns = -kLargestTimeNs;
  a.end_ns = a.written_ns = kLargestTimeNs;
  JobRecord b = a;
  b.writer = 1;
  b.clock = "b";
  b.clock_offset_ns = kLargestTimeNs;
  see(a, b, -kLargestTimeNs, kLargestTimeNs);
  see(b, a, kLargestTimeNs, -kLargestTimeNs);
  a.asked_ns = b.answered_ns = -kLargestTimeNs;
  b.asked_ns = a.answered_ns = a.server_ns = b.server_ns = kLargestTimeNs;
  CHECK(overlap_of({a, b}) >= 0);
}
