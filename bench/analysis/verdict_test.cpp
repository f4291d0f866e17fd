#include "bench/analysis/verdict.h"

#include <vector>

#include "tests/catch.h"

using namespace npyrace;

namespace {

/// A packed race between two nodes with complete evidence and no anomalies.
VerdictInput good_race() {
  VerdictInput input{.owners = 4, .caches = 2, .mounts = 2};
  input.evidence.units_shared_by_writers = 10;
  input.evidence.units_shared_by_mounts = 10;
  input.evidence.overlap_seconds = 0.5;
  input.evidence.overlapped_share = 1;
  input.evidence.trials = 100;
  input.evidence.file_trials = 10;
  return input;
}

}  // namespace

TEST_CASE("any damage is unsafe, whatever else is missing", "[verdict]") {
  for (const AnomalyRow& row : anomaly_table()) {
    if (row.anomaly == Anomaly::stale) continue;
    VerdictInput input = good_race();
    input.owners = 1;
    input.unwritten = 5;
    input.anomalies[row.anomaly] = 1;
    CHECK(judge(input).verdict == Verdict::unsafe);
    CHECK(judge(input).reason == std::string("1 ") + row.name);
  }
}

TEST_CASE(
    "if a library chooses the writer of each byte, no layout or number of trials makes a cell safe",
    "[verdict]") {
  for (const bool padded : {false, true}) {
    VerdictInput input = good_race();
    input.padded = padded;
    input.tells_who_writes = false;
    CHECK(judge(input).verdict == Verdict::inconclusive);
    CHECK(judge(input).reason.find("MPI chose") != std::string::npos);
    // All ranks share one page cache, and any rank may write for others.
    input.caches = input.mounts = 1;
    CHECK(judge(input).verdict == Verdict::inconclusive);
    CHECK(judge(input).reason.find("MPI chose") != std::string::npos);
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
  input.padded = true;  // a padded layout is meant to share nothing
  CHECK(judge(input).verdict == Verdict::safe);
  input = good_race();
  input.evidence.trials = 4;  // far too few trials
  CHECK(judge(input).verdict == Verdict::inconclusive);
  CHECK(judge(input).reason.find("into one unit at the same time only 4 times") !=
        std::string::npos);
  input = good_race();
  input.evidence.overlapped_share = 0.05;
  CHECK(judge(input).verdict == Verdict::inconclusive);
  input = good_race();
  input.unwritten = 1;
  CHECK(judge(input).verdict == Verdict::inconclusive);
  input = good_race();
  input.owners = 1;
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

TEST_CASE("old data in a cached view is only noted if there is an uncached view", "[verdict]") {
  VerdictInput input = good_race();
  input.anomalies[Anomaly::stale] = 3;
  CHECK(judge(input).verdict == Verdict::safe);
  CHECK(judge(input).reason == "safe between 2 mounts; 3 records seen old in a cached view");
  input.uncached_judge = false;
  CHECK(judge(input).verdict == Verdict::unsafe);
}

TEST_CASE("if uncached views disagree there is no verdict of safe", "[verdict]") {
  VerdictInput input = good_race();
  input.anomalies[Anomaly::stale] = 3;
  input.uncached_differences = 3;
  CHECK(judge(input).verdict == Verdict::unsafe);
  CHECK(judge(input).reason.find("--judge DIR") != std::string::npos);
}

TEST_CASE("a verdict from a cached view says so", "[verdict]") {
  VerdictInput input = good_race();
  input.uncached_judge = false;
  input.judge_doubt = "/mnt: pages stay in memory";
  CHECK(judge(input).verdict == Verdict::safe);
  CHECK(judge(input).reason.find("through a page cache: /mnt: pages stay") != std::string::npos);
}

TEST_CASE("with a single writing process, units that hold records of two owners are the trials",
          "[verdict]") {
  VerdictInput input{.owners = 4, .contended = false};
  CHECK(judge(input).verdict == Verdict::inconclusive);
  input.evidence.trials = 1;
  CHECK(judge(input).verdict == Verdict::safe);
  CHECK(judge(input).reason.find("one writer writes the file") != std::string::npos);
  input.unwritten = 1;
  CHECK(judge(input).verdict == Verdict::inconclusive);
  input.anomalies[Anomaly::lost] = 1;
  CHECK(judge(input).verdict == Verdict::unsafe);
}

TEST_CASE("a program's writes need enough generations, not only units", "[verdict]") {
  VerdictInput input = good_race();
  input.foreign_program = true;
  CHECK(judge(input).verdict == Verdict::safe);
  input.evidence.file_trials = 2;
  CHECK(judge(input).verdict == Verdict::inconclusive);
  CHECK(judge(input).reason.find("overlapped in only 2 generations") != std::string::npos);
}

TEST_CASE("an event that hits the whole file is unsafe, with or without damaged records",
          "[verdict]") {
  VerdictInput input = good_race();
  input.evidence.file_damage = "a writer emptied the file";
  CHECK(judge(input).verdict == Verdict::unsafe);
  CHECK(judge(input).reason == "a writer emptied the file");
  input.anomalies[Anomaly::hole] = 3;
  CHECK(judge(input).reason == "3 hole: a writer emptied the file");
}

namespace {

/// Calls `visit` with every combination of evidence.
template <typename Visit>
void for_every_evidence(Visit visit) {
  for (const std::uint64_t owners : {0, 1, 2, 4})
    for (const std::uint64_t caches : {1, 2})
      for (const std::uint64_t mounts : {1, 2})
        for (const int flags : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
          for (const std::uint64_t shared : {0, 10})
            for (const double share : {0.0, 0.05, 1.0})
              for (const std::uint64_t trials : {0, 1, 5, 5000})
                for (const std::uint64_t file_trials : {0, 4, 50}) {
                  VerdictInput input{.owners = owners, .caches = caches, .mounts = mounts};
                  input.contended = (flags & 1) != 0;
                  input.tells_who_writes = (flags & 2) != 0;
                  input.padded = (flags & 4) != 0;
                  input.foreign_program = (flags & 8) != 0;
                  input.evidence.units_shared_by_writers = shared;
                  input.evidence.units_shared_by_mounts = caches > 1 ? shared : 0;
                  input.evidence.overlapped_share = share;
                  input.evidence.trials = trials;
                  input.evidence.file_trials = file_trials;
                  visit(input);
                }
}

/// All variants of `input` with less evidence.
std::vector<VerdictInput> with_less(const VerdictInput& input) {
  std::vector<VerdictInput> less(9, input);
  less[0].owners = input.owners > 0 ? input.owners - 1 : 0;
  less[1].evidence.trials = input.evidence.trials / 2;
  less[2].evidence.trials = 0;
  less[3].evidence.overlapped_share = input.evidence.overlapped_share / 2;
  less[4].evidence.units_shared_by_writers = 0;
  less[4].evidence.units_shared_by_mounts = 0;
  less[5].evidence.file_trials = input.evidence.file_trials / 2;
  less[6].tells_who_writes = false;
  less[7].unwritten = 1;
  less[8].foreign_program = true;  // it is unknown how the program writes
  return less;
}

}  // namespace

TEST_CASE("safe always has trials and two writers, and less evidence never makes it safe",
          "[verdict]") {
  std::size_t safe = 0;
  for_every_evidence([&](const VerdictInput& input) {
    const bool is_safe = judge(input).verdict == Verdict::safe;
    safe += is_safe;
    if (is_safe && (input.evidence.trials == 0 || input.owners < 2))
      FAIL_CHECK("safe with " << input.evidence.trials << " trials of " << input.owners
                              << " writers");
    if (is_safe) return;
    for (const VerdictInput& less : with_less(input))
      if (judge(less).verdict == Verdict::safe)
        FAIL_CHECK("safe once less is known than for: " << judge(input).reason);
  });
  CHECK(safe > 0);
}
