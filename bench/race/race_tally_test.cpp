#include "bench/race/race_tally.h"

#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("writers with the same error are reported once, with their count", "[race-tally]") {
  RaceTally tally;
  CHECK(tally.failure_summary().empty());
  for (int writer = 0; writer < 16; ++writer)
    tally.failures.push_back(
        {"writer " + std::to_string(writer) + ": exit code 1: no such file", true});
  tally.failures.push_back(
      {"writer 3: exit code 1: no such file", true});  // in the next generation
  CHECK(tally.failure_summary() == "writer 0: exit code 1: no such file (and so 15 other writers)");
  tally.failures.push_back({"writer 4: killed by signal 9 (Killed)", false});
  tally.failures.push_back({"writers 5 to 7: exit code 3", true});
  CHECK(
      tally.failure_summary() ==
      "writer 0: exit code 1: no such file (and so 15 other writers); writer 4: killed by signal 9 (Killed); "
      "writers 5 to 7: exit code 3");
}

TEST_CASE("only four different errors are printed, the others are counted", "[race-tally]") {
  RaceTally tally;
  for (int writer = 0; writer < 6; ++writer)
    tally.failures.push_back(
        {"writer " + std::to_string(writer) + ": exit code " + std::to_string(writer), true});
  CHECK(tally.failure_summary().ends_with("writer 3: exit code 3; and 2 more"));
}
