#include "bench/verdict.h"

#include "tests/catch.h"

using namespace npyrace;

namespace {

/// A packed race between two nodes in which everything went well.
VerdictInput good_race() {
  VerdictInput input{.writers = 4, .caches = 2, .mounts = 2};
  input.evidence.units_shared_by_writers = 10;
  input.evidence.units_shared_by_mounts = 10;
  input.evidence.overlap_seconds = 0.5;
  input.evidence.overlapped_share = 1;
  input.evidence.trials = 100;
  return input;
}

}  // namespace

TEST_CASE("any damage is unsafe, whatever else is missing", "[verdict]") {
  for (const AnomalyRow& row : anomaly_table()) {
    if (row.anomaly == Anomaly::stale) continue;
    VerdictInput input = good_race();
    input.writers = 1;
    input.unwritten = 5;
    input.anomalies[row.anomaly] = 1;
    CHECK(judge(input).verdict == Verdict::unsafe);
    CHECK(judge(input).reason == std::string("1 ") + row.name);
  }
}

TEST_CASE(
    "where a library chooses who writes what, no layout and no number of trials makes it safe",
    "[verdict]") {
  for (const bool padded : {false, true}) {
    VerdictInput input = good_race();
    input.padded = padded;
    input.tells_who_writes = false;
    CHECK(judge(input).verdict == Verdict::inconclusive);
    CHECK(judge(input).reason.find("MPI chose") == 0);
    input.caches = input.mounts = 1;  // all ranks write into one page cache, whoever does
    input.evidence.trials = input.evidence.units_shared_by_writers = 0;
    CHECK(judge(input).verdict == Verdict::safe);
    input.evidence.overlapped_share = 0;
    CHECK(judge(input).verdict == Verdict::inconclusive);
    input.anomalies[Anomaly::lost] = 1;
    CHECK(judge(input).verdict == Verdict::unsafe);
  }
}

TEST_CASE("safe needs sharing, overlap, and everything written", "[verdict]") {
  CHECK(judge(good_race()).verdict == Verdict::safe);
  VerdictInput input = good_race();
  input.evidence.units_shared_by_mounts = 0;
  CHECK(judge(input).verdict == Verdict::inconclusive);
  input.padded = true;  // not sharing is what the layout is for
  CHECK(judge(input).verdict == Verdict::safe);
  input = good_race();
  input.evidence.trials = 4;  // as good as nothing tried
  CHECK(judge(input).verdict == Verdict::inconclusive);
  CHECK(judge(input).reason.find("shared a unit only 4 times") != std::string::npos);
  input = good_race();
  input.evidence.overlapped_share = 0.05;
  CHECK(judge(input).verdict == Verdict::inconclusive);
  input = good_race();
  input.unwritten = 1;
  CHECK(judge(input).verdict == Verdict::inconclusive);
  input = good_race();
  input.writers = 1;
  CHECK(judge(input).verdict == Verdict::inconclusive);
}

TEST_CASE("two directories behind one page cache are not two nodes", "[verdict]") {
  VerdictInput input = good_race();
  input.caches = 1;
  CHECK(judge(input).verdict == Verdict::inconclusive);
  input.mounts = 1;
  CHECK(judge(input).verdict == Verdict::safe);
  CHECK(judge(input).reason == "safe on one node; nothing was shared between mounts");
}

TEST_CASE("old data in a cached view is a note, unless no view is uncached", "[verdict]") {
  VerdictInput input = good_race();
  input.anomalies[Anomaly::stale] = 3;
  CHECK(judge(input).verdict == Verdict::safe);
  CHECK(judge(input).reason == "safe between 2 mounts; 3 records seen old in a cached view");
  input.uncached_judge = false;
  CHECK(judge(input).verdict == Verdict::unsafe);
}

TEST_CASE("views past the page cache that disagree leave nothing to judge by", "[verdict]") {
  VerdictInput input = good_race();
  input.anomalies[Anomaly::stale] = 3;
  input.uncached_differences = 3;
  CHECK(judge(input).verdict == Verdict::unsafe);
  CHECK(judge(input).reason.find("--judge DIR") != std::string::npos);
}

TEST_CASE("a judge that could only look through a page cache says so", "[verdict]") {
  VerdictInput input = good_race();
  input.uncached_judge = false;
  input.judge_doubt = "/mnt: pages stay in memory";
  CHECK(judge(input).verdict == Verdict::safe);
  CHECK(judge(input).reason.find("through a page cache: /mnt: pages stay") != std::string::npos);
}

TEST_CASE("where one writer writes the file for all, right data are safe and nothing else is asked",
          "[verdict]") {
  VerdictInput input{.writers = 4, .contended = false};
  CHECK(judge(input).verdict == Verdict::safe);
  CHECK(judge(input).reason.find("one writer writes the file") != std::string::npos);
  input.unwritten = 1;
  CHECK(judge(input).verdict == Verdict::inconclusive);
  input.anomalies[Anomaly::lost] = 1;
  CHECK(judge(input).verdict == Verdict::unsafe);
}
