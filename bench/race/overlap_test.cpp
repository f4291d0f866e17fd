#include "bench/race/overlap.h"

#include <vector>

#include "tests/catch.h"

using namespace npyrace;

namespace {

WriterReport between(std::int64_t start_ns, std::int64_t end_ns) {
  return {.start_ns = start_ns,
          .end_ns = end_ns,
          .write_start_ns = start_ns,
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
  // Writers 0 and 2 go through cache 1, writer 1 through cache 2.
  const std::vector<WriterReport> reports{between(0, 100), between(90, 120), between(10, 100)};
  const std::vector<std::uint64_t> caches{1, 2};
  CHECK(overlap_seconds(reports, caches) == Approx(10 * kNanosecond));
}

TEST_CASE("one after the other is no overlap", "[overlap]") {
  const std::vector<WriterReport> reports{between(0, 100), between(100, 200)};
  const std::vector<std::uint64_t> caches{1};
  CHECK(overlap_seconds(reports, caches) == 0);
}
