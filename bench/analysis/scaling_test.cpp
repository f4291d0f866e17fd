#include "bench/analysis/scaling.h"

#include "tests/catch.h"

using namespace npyrace;
using Catch::Matchers::ContainsSubstring;

namespace {

/// Six repetitions with about `rate` records per second, within 1 %.
CellResult cell(std::uint64_t writers, double rate, Verdict verdict = Verdict::safe) {
  CellResult result;
  result.cell.strategy = "pwrite";
  result.cell.layout = "packed";
  result.cell.writers = writers;
  result.cell.records = 1000;
  result.evidence.generations_timed = 2;
  result.evidence.records_checked = 1000;
  result.verdict = verdict;
  result.records_per_second = rate;
  for (const double off : {0.99, 0.995, 1.0, 1.0, 1.005, 1.01})
    result.seconds.push_back(2000 / (rate * off));
  return result;
}

}  // namespace

TEST_CASE("the knee is computed over cells that differ only in the number of writers",
          "[scaling]") {
  const auto all = scalings({cell(4, 21e3), cell(1, 10e3, Verdict::inconclusive), cell(2, 20.9e3)});
  REQUIRE(all.size() == 1);
  CHECK(all[0].knee_writers == 2);
  REQUIRE(all[0].points.size() == 3);
  CHECK(all[0].points[0].writers == 1);
  CHECK(all[0].points[0].counts);  // a single writer cannot lose records to others
}

TEST_CASE("strategies are evaluated separately, and one number of writers gives no scaling",
          "[scaling]") {
  CellResult other = cell(2, 1e3);
  other.cell.layout = "padded-block";
  CHECK(scalings({cell(1, 1e3), other}).empty());
  CellResult more = other;
  more.cell.writers = 4;
  const auto all = scalings({cell(1, 1e3), other, more});
  REQUIRE(all.size() == 1);
  CHECK(all[0].layout == "padded-block");
}

TEST_CASE("an unsafe cell does not count in scaling", "[scaling]") {
  // If the unsafe cell counted, there would be no knee at 2.
  const auto all = scalings({cell(1, 10e3, Verdict::inconclusive), cell(2, 20e3), cell(4, 20e3),
                             cell(8, 90e3, Verdict::unsafe)});
  REQUIRE(all.size() == 1);
  CHECK(all[0].knee_writers == 2);
  CHECK_FALSE(all[0].points[3].counts);
  CHECK_THAT(all[0].reason, ContainsSubstring("1 of 4 numbers of writers were not safe"));
}

TEST_CASE("a missing knee comes with the reason", "[scaling]") {
  const auto reason_of = [](const std::vector<CellResult>& cells) {
    const auto all = scalings(cells);
    REQUIRE(all.size() == 1);
    CHECK(all[0].knee_writers == 0);
    return all[0].reason;
  };
  CHECK_THAT(reason_of({cell(1, 10e3), cell(2, 20e3, Verdict::unsafe)}),
             ContainsSubstring("1 of 2 numbers of writers were safe"));
  CHECK_THAT(reason_of({cell(1, 10e3), cell(2, 20e3), cell(4, 40e3)}),
             ContainsSubstring("still faster with 4 writers"));
  CellResult few = cell(2, 20e3);
  few.seconds.resize(2);
  CHECK_THAT(reason_of({cell(1, 10e3), few}), ContainsSubstring("--repetitions 6"));
  CellResult dead = cell(1, 10e3, Verdict::inconclusive);
  dead.unwritten = 5;
  CHECK_THAT(reason_of({dead, cell(2, 20e3)}), ContainsSubstring("1 of 2"));
}
