#include "bench/experiments/soak_tally.h"

#include "tests/catch.h"

using namespace npyrace;
using Catch::Matchers::ContainsSubstring;

namespace {

CellResult cell(std::string name, Verdict verdict, const char* strategy = "mmap") {
  CellResult result;
  result.cell.name = std::move(name);
  result.cell.strategy = strategy;
  result.verdict = verdict;
  result.examples.resize(kMostExamples);
  result.replay = Replay{1, "again"};
  return result;
}

RunResult result_of(const SoakTally& tally) {
  RunResult result;
  tally.into(result, 10, false);
  return result;
}

}  // namespace

TEST_CASE("soak keeps failing cells and counts the others", "[soak]") {
  SoakTally tally;
  tally.add(cell("a", Verdict::safe));
  tally.add(cell("b", Verdict::unsafe, "pwrite"));
  tally.add(cell("c", Verdict::failed, "direct"));
  tally.add(cell("d", Verdict::skipped, "direct"));
  tally.add(cell("e", Verdict::inconclusive));
  const RunResult result = result_of(tally);
  REQUIRE(result.cells.size() == 2);
  CHECK(result.cells[0].cell.name == "b");
  CHECK(result.cells[0].examples.size() == SoakTally::kMostExamplesKept);
  REQUIRE(result.experiments.size() == 4);  // all, direct, mmap, pwrite
  CHECK(result.experiments[0].name == "all");
  CHECK(result.experiments[0].verdict == Verdict::unsafe);
  CHECK(result.experiments[0].counts.front() == std::pair<std::string, std::uint64_t>("cells", 5));
  CHECK(result.experiments[1].verdict == Verdict::failed);
  CHECK(result.experiments[2].verdict == Verdict::safe);
  CHECK(result.experiments[3].verdict == Verdict::unsafe);
}

TEST_CASE("soak without a raced cell is not safe", "[soak]") {
  SoakTally tally;
  tally.add(cell("a", Verdict::skipped));
  CHECK(result_of(tally).experiments[0].verdict == Verdict::skipped);
  tally.add(cell("b", Verdict::inconclusive));
  CHECK(result_of(tally).experiments[0].verdict == Verdict::inconclusive);
}

TEST_CASE("many losses are all counted, and a bounded number is kept", "[soak]") {
  SoakTally tally;
  for (std::size_t i = 0; i < SoakTally::kMostKept + 5; ++i)
    tally.add(cell(std::to_string(i), Verdict::unsafe));
  tally.add(cell("0", Verdict::unsafe));
  const RunResult result = result_of(tally);
  CHECK(result.cells.size() == SoakTally::kMostKept);
  CHECK(result.experiments[0].counts[2].second == SoakTally::kMostKept + 6);
  CHECK_THAT(result.experiments[0].reason,
             ContainsSubstring("6 cells that went wrong are counted"));
}
