#include "bench/compare/rerun.h"

#include "tests/catch.h"

using namespace npyrace;

namespace {

GateResult with(GateOutcome outcome, double high = 1.5) {
  return {.cells = {{.name = "a",
                     .outcome = outcome,
                     .change = Change{.ratio = 1, .interval = {0.9, high}, .known = true}}},
          .max_slowdown = 0.1};
}

const RerunPlan kNewAlone{.command = "run --json {json}"};
const RerunPlan kBoth{.command = "run-{side} --json {json}"};

}  // namespace

TEST_CASE("interim analyses are at doubling numbers of rounds", "[rerun]") {
  using Looks = std::vector<std::uint64_t>;
  CHECK(looks_at(1) == Looks{1});
  CHECK(looks_at(9) == Looks{9});
  CHECK(looks_at(20) == Looks{5, 10, 20});
  CHECK(looks_at(80) == Looks{10, 20, 40, 80});
  CHECK(looks_at(1000).size() == 4);
}

TEST_CASE("in every two rounds each side comes first once, in random order", "[rerun]") {
  std::mt19937_64 random(1);
  const std::vector<bool> order = base_first(1001, random);
  REQUIRE(order.size() == 1001);
  int base_in_even = 0;
  for (std::size_t i = 0; i + 1 < order.size(); i += 2) {
    CHECK(order[i] != order[i + 1]);
    base_in_even += order[i];
  }
  CHECK(base_in_even > 200);
  CHECK(base_in_even < 300);
}

TEST_CASE("cells with too much noise are measured again if a rerun command is given", "[rerun]") {
  CHECK(wants_rerun(with(GateOutcome::slower), kNewAlone));
  CHECK(wants_rerun(with(GateOutcome::not_proven), kNewAlone));
  CHECK_FALSE(wants_rerun(with(GateOutcome::not_measurable), kNewAlone));
  CHECK(wants_rerun(with(GateOutcome::not_measurable), kBoth));
  CHECK_FALSE(wants_rerun(with(GateOutcome::passed), kBoth));
}

TEST_CASE("rounds end when all suspects are decided", "[rerun]") {
  const GateResult suspect = with(GateOutcome::slower);
  CHECK(settled(suspect, with(GateOutcome::slower)));
  CHECK(settled(suspect, with(GateOutcome::passed, 1.05)));
  // Further rounds could still show a slowdown.
  CHECK_FALSE(settled(suspect, with(GateOutcome::passed, 1.15)));
  CHECK_FALSE(settled(suspect, with(GateOutcome::not_measurable)));
  CHECK(settled(with(GateOutcome::passed), with(GateOutcome::not_measurable)));
}

TEST_CASE("a cell that is unsafe when measured again fails, even without times", "[rerun]") {
  GateResult passed = with(GateOutcome::passed);
  passed.cells.push_back({.name = "create-race/w+", .outcome = GateOutcome::passed});
  GateResult again = with(GateOutcome::passed);
  again.cells.push_back({.name = "create-race/w+", .outcome = GateOutcome::lost_safety});
  CHECK(after_rerun(passed, again).failed());
}

TEST_CASE("an undecided cell takes the result of the rounds", "[rerun]") {
  const GateResult unknown = with(GateOutcome::not_measurable);
  CHECK(after_rerun(unknown, with(GateOutcome::slower)).failed());
  CHECK(after_rerun(unknown, with(GateOutcome::passed)).cells[0].outcome == GateOutcome::passed);
  CHECK_FALSE(after_rerun(with(GateOutcome::passed), with(GateOutcome::slower)).failed());
}
