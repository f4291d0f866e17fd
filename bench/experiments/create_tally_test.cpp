#include "bench/experiments/creator.h"
#include "tests/catch.h"

using namespace npyrace;
using Catch::Matchers::ContainsSubstring;

namespace {

ExperimentResult judged(const std::vector<CreateOutcome>& outcomes) {
  CreateTally tally("w+", "on one node");
  for (const CreateOutcome& outcome : outcomes) tally.add(outcome);
  return tally.result();
}

const CreateOutcome kFine{.acknowledged = 8, .order = "together"};

}  // namespace

TEST_CASE("a missing acknowledged record makes the variant unsafe", "[create_race]") {
  CreateOutcome loss = kFine;
  loss.lost = 4;
  const ExperimentResult result = judged({kFine, loss, kFine});
  CHECK(result.verdict == Verdict::unsafe);
  CHECK_THAT(result.reason, ContainsSubstring("in 1 of 3 tries"));
  CHECK_THAT(result.examples.at(0), ContainsSubstring("together: 4 of 8"));
  CHECK(judged({kFine}).verdict == Verdict::safe);
}

TEST_CASE("a reported error is no loss, but the variant fails", "[create_race]") {
  CreateOutcome told = kFine;
  told.errors = {"not whole yet"};
  CHECK(judged({kFine, told}).verdict == Verdict::inconclusive);
}

TEST_CASE("a variant that could not be tried is never safe; an earlier loss counts",
          "[create_race]") {
  const CreateOutcome refused{.problem = "link: Operation not supported", .refused = true};
  const CreateOutcome broken{.problem = "the player died"};
  CreateOutcome loss = kFine;
  loss.lost = 1;
  CHECK(judged({refused}).verdict == Verdict::skipped);
  CHECK(judged({kFine, broken}).verdict == Verdict::failed);
  CHECK(judged({}).verdict == Verdict::failed);
  CHECK(judged({loss, broken}).verdict == Verdict::unsafe);
}
