#include "bench/experiments/durability.h"
#include "tests/catch.h"

using namespace npyrace;
using Catch::Matchers::ContainsSubstring;

namespace {

CutResult cut(std::uint64_t lost, std::uint64_t old, bool while_writing = true) {
  CutResult result{.acknowledged = 10, .while_writing = while_writing};
  result.findings.anomalies[Anomaly::lost] = lost;
  result.findings.unwritten = old;
  return result;
}

ExperimentResult judged(bool promises, const std::vector<CutResult>& cuts, bool bites = true) {
  CutTally tally("ext4/pwrite/end", promises);
  for (const CutResult& one : cuts) tally.add(one);
  return tally.result(bites);
}

}  // namespace

TEST_CASE("a missing record that was synced makes the cell unsafe", "[durability]") {
  CHECK(judged(true, {cut(0, 5), cut(0, 5)}).verdict == Verdict::safe);
  const ExperimentResult lost = judged(true, {cut(0, 5), cut(1, 5)});
  CHECK(lost.verdict == Verdict::unsafe);
  CHECK(lost.counts[3] == std::pair<std::string, std::uint64_t>("lost", 1));
}

TEST_CASE("without a sync no record is acknowledged, but damage still counts", "[durability]") {
  CutResult closed = cut(0, 7);
  closed.closed_and_lost = 3;
  const ExperimentResult none = judged(false, {closed});
  CHECK(none.verdict == Verdict::inconclusive);
  CHECK_THAT(none.reason, ContainsSubstring("3 records were gone after 1 power cuts"));
  CHECK(judged(false, {cut(2, 7)}).verdict == Verdict::unsafe);
}

TEST_CASE("power cuts that lose nothing, or come too late, are no evidence", "[durability]") {
  CHECK(judged(true, {cut(0, 0)}, false).verdict == Verdict::inconclusive);
  CHECK(judged(true, {cut(0, 0, false)}).verdict == Verdict::inconclusive);
}

TEST_CASE("an aborted durability cell is failed, unless it lost something before", "[durability]") {
  CutTally tally("ext4/pwrite/end", true);
  tally.give_up("mkfs.ext4 is missing", true);
  CHECK(tally.result(true).verdict == Verdict::skipped);
  tally.give_up("hangs", false);
  CHECK(tally.result(true).verdict == Verdict::failed);
  tally.add(cut(1, 0));
  CHECK(tally.result(true).verdict == Verdict::unsafe);
}
