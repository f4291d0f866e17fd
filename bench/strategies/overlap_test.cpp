#include <vector>

#include "bench/strategies/writer.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

WriterReport between(std::int64_t start_ns, std::int64_t end_ns) {
  return {.start_ns = start_ns,
          .end_ns = end_ns,
          .write_start_ns = start_ns,
          .written_ns = end_ns,
          .write_end_ns = end_ns,
          .phases = {}};
}

constexpr double kNanosecond = 1e-9;

}  // namespace

TEST_CASE("on one page cache any two writers overlap", "[overlap]") {
  const std::vector<WriterReport> reports{between(0, 100), between(50, 150), between(300, 400)};
  const std::vector<std::uint64_t> caches{7};
  CHECK(overlap_seconds(reports, caches) == Approx(50 * kNanosecond));
  CHECK(elapsed_seconds(reports) == Approx(400 * kNanosecond));
}

TEST_CASE("between page caches only writers of different ones count", "[overlap]") {
  // Writers 0 and 2 use cache 1, writer 1 uses cache 2.
  const std::vector<WriterReport> reports{between(0, 100), between(90, 120), between(10, 100)};
  const std::vector<std::uint64_t> caches{1, 2};
  CHECK(overlap_seconds(reports, caches) == Approx(10 * kNanosecond));
}

TEST_CASE("writers one after the other do not overlap", "[overlap]") {
  const std::vector<WriterReport> reports{between(0, 100), between(100, 200)};
  const std::vector<std::uint64_t> caches{1};
  CHECK(overlap_seconds(reports, caches) == 0);
}

TEST_CASE("overlap counts concurrent writes, not a sync during another's write", "[overlap]") {
  // Both were active at once, but the second wrote only when the first was already syncing, and may
  // have found all its data in the file. Such a generation was once counted in full, and two of
  // them without a loss made a file system `safe` that loses half of the records.
  WriterReport early = between(0, 1000);
  early.written_ns = 100;
  WriterReport late = between(150, 1000);
  late.written_ns = 250;
  const std::vector<std::uint64_t> caches{1, 2};
  CHECK(overlap_seconds(std::vector{early, late}, caches) > 0);
  CHECK(together_share(std::vector{early, late}, caches, false) == 0);
  late.write_start_ns = 50;
  CHECK(together_share(std::vector{early, late}, caches, false) == Approx(50.0 / 250));
}

TEST_CASE("in a synchronized generation all writers overlap, if there are two", "[overlap]") {
  const std::vector<WriterReport> reports{between(0, 100), between(200, 300)};
  CHECK(together_share(reports, std::vector<std::uint64_t>{1, 2}, true) == 1);
  CHECK(together_share(reports, std::vector<std::uint64_t>{1}, true) == 1);
  CHECK(together_share(std::vector{reports[0]}, std::vector<std::uint64_t>{1}, true) == 0);
  CHECK(together_share({}, std::vector<std::uint64_t>{1}, true) == 0);
  // Both active writers use the same one of two caches.
  CHECK(together_share(std::vector{reports[0], reports[1], reports[0]},
                       std::vector<std::uint64_t>{1, 2, 1}, false) == Approx(0));
}
