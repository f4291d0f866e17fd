#include "bench/decide/gate.h"

#include <cmath>
#include <limits>
#include <random>

#include "bench/decide/drift.h"
#include "bench/decide/looks.h"
#include "bench/decide/rerun.h"
#include "tests/catch.h"

using namespace npyrace;
using Catch::Matchers::Contains;

namespace {

/// Repetitions around `seconds` that differ by a hundredth.
std::vector<double> times(double seconds, std::size_t count = 10) {
  std::vector<double> samples;
  for (std::size_t i = 0; i < count; ++i)
    samples.push_back(seconds * (1 + 0.002 * static_cast<double>(i)));
  return samples;
}

/// Cells a, b, c, d, e; the machine's references stand still.
Measurements run(std::vector<double> seconds, Verdict first = Verdict::safe) {
  Measurements one{.references = {{.name = "reference/write-loop", .seconds = times(1)}}};
  const std::string names = "abcde";
  for (std::size_t i = 0; i < seconds.size(); ++i)
    one.cells.push_back({.name = std::string(1, names[i]),
                         .verdict = i == 0 ? first : Verdict::safe,
                         .reason = "for a reason",
                         .seconds = times(seconds[i])});
  return one;
}

GateOutcome outcome(const GateResult& result, const std::string& name) {
  for (const GateCell& cell : result.cells)
    if (cell.name == name) return cell.outcome;
  FAIL("no cell " << name);
  return GateOutcome::passed;
}

}  // namespace

TEST_CASE("safety lost fails, whatever the speed", "[gate]") {
  for (const Verdict now : {Verdict::unsafe, Verdict::failed, Verdict::skipped}) {
    const GateResult result = gate({{run({1, 1, 1, 1})}, {run({1, 1, 1, 1}, now)}}, {});
    CHECK(outcome(result, "a") == GateOutcome::lost_safety);
    CHECK(result.failed());
    CHECK(result.cells.front().name == "a");
    CHECK_THAT(result.cells.front().reason,
               Contains("was safe, is " + std::string(verdict_name(now))));
  }
}

TEST_CASE("a safe cell that is gone fails; one that was never safe does not", "[gate]") {
  CHECK(outcome(gate({{run({1, 1, 1})}, {run({1, 1})}}, {}), "c") == GateOutcome::lost_safety);
  Sides sides{{run({1, 1, 1})}, {run({1, 1})}};
  sides.base[0].cells[2].verdict = Verdict::unsafe;
  CHECK_FALSE(gate(sides, {}).failed());
}

TEST_CASE("what was safe and is no more than inconclusive fails, under a name of its own",
          "[gate]") {
  const GateResult result =
      gate({{run({1, 1, 1, 1})}, {run({1, 1, 1, 1}, Verdict::inconclusive)}}, {});
  CHECK(outcome(result, "a") == GateOutcome::not_proven);
  CHECK(result.failed());
}

TEST_CASE("of several runs damage seen once is damage, and safe seen once is safe", "[gate]") {
  const Measurements safe = run({1, 1, 1, 1});
  const Measurements unsafe = run({1, 1, 1, 1}, Verdict::unsafe);
  const Measurements inconclusive = run({1, 1, 1, 1}, Verdict::inconclusive);
  CHECK(outcome(gate({{safe, safe}, {safe, unsafe, safe}}, {}), "a") == GateOutcome::lost_safety);
  CHECK(outcome(gate({{safe, safe}, {inconclusive, safe}}, {}), "a") == GateOutcome::passed);
}

TEST_CASE("a slowdown beyond the limit fails, one below does not, getting faster never", "[gate]") {
  const Measurements base = run({1, 1, 1, 1, 1});
  CHECK(outcome(gate({{base}, {run({1.3, 1, 1, 1, 1})}}, {0.1}), "a") == GateOutcome::slower);
  CHECK(outcome(gate({{base}, {run({1.05, 1, 1, 1, 1})}}, {0.1}), "a") == GateOutcome::passed);
  CHECK(outcome(gate({{base}, {run({0.5, 1, 1, 1, 1})}}, {0.1}), "a") == GateOutcome::passed);
  CHECK(outcome(gate({{base}, {run({1.3, 1, 1, 1, 1})}}, {0.5}), "a") == GateOutcome::passed);
}

TEST_CASE("all cells slower at once fail, unless the machine itself was", "[gate]") {
  const Measurements base = run({1, 1, 1, 1, 1});
  Measurements slow = run({1.3, 1.3, 1.3, 1.3, 1.3});
  CHECK(gate({{base}, {slow}}, {0.1}).failed());
  slow.references[0].seconds = times(1.4);
  const GateResult result = gate({{base}, {slow}}, {0.1});
  CHECK_FALSE(result.failed());
  CHECK(outcome(result, "a") == GateOutcome::not_measurable);
}

TEST_CASE("noise wider than the limit is not measurable, and says how many runs would do",
          "[gate]") {
  const Sides sides{{run({1, 1, 1, 1}), run({1.3, 1, 1, 1}), run({0.8, 1, 1, 1})},
                    {run({1.1, 1, 1, 1}), run({0.9, 1, 1, 1}), run({1.3, 1, 1, 1})}};
  const GateResult result = gate(sides, {0.1});
  CHECK(outcome(result, "a") == GateOutcome::not_measurable);
  CHECK(result.cells.front().runs_needed > 10);
  CHECK_THAT(result.cells.front().reason, Contains("runs a side like these would do"));
  CHECK(outcome(result, "b") == GateOutcome::passed);
}

TEST_CASE("too few repetitions for any interval are not measurable", "[gate]") {
  Sides sides{{run({1, 1, 1, 1, 1})}, {run({2, 1, 1, 1, 1})}};
  for (auto* side : {&sides.base, &sides.fresh})
    for (CellSamples& cell : side->front().cells) cell.seconds.resize(3);
  const GateResult result = gate(sides, {0.1});
  CHECK(outcome(result, "a") == GateOutcome::not_measurable);
  CHECK_THAT(result.cells.front().reason, Contains("too few"));
}

TEST_CASE("measuring again clears a suspect, and never what was unsafe", "[gate]") {
  const Sides base{{run({1, 1, 1, 1, 1})}, {run({1.3, 1, 1, 1, 1})}};
  const GateResult slow = gate(base, {0.1});
  const GateResult fine = gate({base.base, base.base}, {0.1});
  CHECK(wants_rerun(slow, {}));
  CHECK_FALSE(after_rerun(slow, fine).failed());
  CHECK(after_rerun(slow, slow).failed());
  const GateResult unsafe = gate({base.base, {run({1, 1, 1, 1, 1}, Verdict::unsafe)}}, {0.1});
  CHECK_FALSE(wants_rerun(unsafe, {.command = "{json} {side}"}));
  CHECK(after_rerun(unsafe, fine).failed());
  CHECK(after_rerun(fine, unsafe).failed());
}

TEST_CASE("a drift over many small steps fails and names the commits", "[gate]") {
  std::mt19937_64 random(2);
  std::normal_distribution<double> noise(0, 0.01);
  std::vector<Measurements> history;
  for (int commit = 0; commit < 24; ++commit) {
    const double level = 1 + 0.015 * std::max(0, commit - 4);
    history.push_back(run({level * std::exp(noise(random)), std::exp(noise(random))}));
    history.back().labels["commit"] = "c" + std::to_string(commit);
  }
  // Each step alone passes.
  CHECK_FALSE(gate({{history[22]}, {history[23]}}, {0.1}).failed());
  GateResult result = gate({{history[22]}, {history[23]}}, {0.1});
  judge_history(history, result);
  CHECK(outcome(result, "a") == GateOutcome::drifted);
  CHECK(outcome(result, "b") != GateOutcome::drifted);
  CHECK_THAT(result.cells.front().reason, Contains(".. commit c23, against commit c0 .. commit c"));
  CHECK_THAT(result.history, Contains("24 runs"));
}

TEST_CASE("what has no times has no level that could drift", "[gate]") {
  std::vector<Measurements> history(8, run({1, 1}));
  for (Measurements& one : history)
    one.cells.push_back({.name = "create-race/w+", .verdict = Verdict::unsafe});
  GateResult result = gate({{history[0]}, {history[1]}}, {0.1});
  judge_history(history, result);
  CHECK_FALSE(result.failed());
}

TEST_CASE("a history that is shorter than two segments says so", "[gate]") {
  std::vector<Measurements> history(4, run({1, 1}));
  GateResult result = gate({{history[0]}, {history[1]}}, {0.1});
  judge_history(history, result);
  CHECK_FALSE(result.failed());
  CHECK_THAT(result.history, Contains("fewer than 6"));
}

TEST_CASE("rounds: paired runs pass where the same runs apart are not measurable", "[gate]") {
  Sides sides{.paired = true};
  std::mt19937_64 random(23);
  std::normal_distribution<double> weather(0, 0.4), own(0, 0.005);
  for (int round = 0; round < 12; ++round) {
    const double now = std::exp(weather(random));
    const auto measured = [&](double factor) {
      return run({factor * now * std::exp(own(random)), now * std::exp(own(random)), now, now});
    };
    sides.base.push_back(measured(1));
    sides.fresh.push_back(measured(1.2));
  }
  const GateResult paired = gate(sides, {0.1});
  CHECK(outcome(paired, "a") == GateOutcome::slower);
  CHECK(outcome(paired, "b") == GateOutcome::passed);
  sides.base.resize(4);
  sides.fresh.resize(4);
  const GateResult few = gate(sides, {0.1});
  CHECK(outcome(few, "a") == GateOutcome::slower);  // by t
  sides.paired = false;
  CHECK(outcome(gate(sides, {0.1}), "a") == GateOutcome::not_measurable);
}

TEST_CASE("rounds whose noise is too wide say how many would do", "[gate]") {
  Sides sides{.paired = true};
  for (int round = 0; round < 12; ++round) {
    sides.base.push_back(run({1}));
    sides.fresh.push_back(run({round % 2 == 0 ? 1.25 : 0.8}));
  }
  const GateResult result = gate(sides, {0.1});
  CHECK(outcome(result, "a") == GateOutcome::not_measurable);
  CHECK(result.cells[0].runs_needed > 12);
  CHECK_THAT(result.cells[0].reason, Contains("rounds like these would do"));
}

TEST_CASE("a round in which a side has no times does not count, and pairs stay pairs", "[gate]") {
  Sides sides{.paired = true};
  for (int round = 0; round < 12; ++round) {
    const double now = round + 1.0;
    sides.base.push_back(run({now, now}));
    sides.fresh.push_back(run({now * 1.01, now}));
  }
  sides.base[3].cells[0].seconds.clear();
  sides.fresh[7].cells.erase(sides.fresh[7].cells.begin());
  const GateResult result = gate(sides, {0.1});
  CHECK(outcome(result, "a") == GateOutcome::passed);
  for (const GateCell& cell : result.cells)
    if (cell.name == "a") CHECK(cell.change->ratio == Approx(1.01));
}

TEST_CASE("of several runs the quicker generations tell, where all runs have them", "[gate]") {
  Sides sides{{run({1}), run({1})}, {run({1}), run({1})}, true};
  for (auto* side : {&sides.base, &sides.fresh})
    for (Measurements& one : *side) one.cells[0].generations = {1, 1, 3, 4, 90};
  for (Measurements& one : sides.fresh)
    one.cells[0].generations[0] = one.cells[0].generations[1] = 1.5;
  CHECK(compare(sides, 0.05).cells[0].change->ratio == Approx(1.5));
  CHECK(compare(sides, 0.05).cells[0].fresh.seconds == 1.5);
  // Of a run with more generations only as many count: more quick ones would be among them.
  sides.base[1].cells[0].generations.insert(sides.base[1].cells[0].generations.end(), 50, 0.1);
  CHECK(compare(sides, 0.05).cells[0].change->ratio == Approx(1.5));
  sides.base[1].cells[0].generations.clear();  // made by an older npyrace
  CHECK(compare(sides, 0.05).cells[0].change->ratio == Approx(1));
}

TEST_CASE("every look at growing rounds costs its share of the level", "[gate]") {
  Sides sides{.paired = true};
  for (int round = 0; round < 12; ++round) {
    sides.base.push_back(run({1}));
    sides.fresh.push_back(run({1.2 + 0.01 * round}));
  }
  const GateResult one = gate(sides, {.max_slowdown = 0.1, .looks = 1});
  const GateResult four = gate(sides, {.max_slowdown = 0.1, .looks = 4});
  CHECK(four.cells[0].change->interval.low < one.cells[0].change->interval.low);
}

TEST_CASE("experiments keep their verdicts", "[gate]") {
  RunResult base;
  base.google_benchmark_json = "{}";
  base.experiments.push_back({.scenario = "create-race",
                              .name = "temporary-link",
                              .verdict = Verdict::safe,
                              .counts = {{"tries", 9}}});
  base.experiments.push_back(
      {.scenario = "first-touch", .name = "mmap cold", .latencies = {{.name = "first write"}}});
  RunResult fresh = base;
  fresh.experiments[0].verdict = Verdict::unsafe;
  fresh.experiments[0].reason = "9 lost";
  const Sides same{{measurements_of(base)}, {measurements_of(base)}};
  CHECK_FALSE(gate(same, {}).failed());
  const Sides worse{{measurements_of(base)}, {measurements_of(fresh)}};
  const GateResult result = gate(worse, {});
  CHECK(outcome(result, "create-race/temporary-link") == GateOutcome::lost_safety);
  CHECK_THAT(result.cells[0].reason, Contains("was safe, is unsafe: 9 lost"));
  CHECK(compare(worse, 0.05).cells[0].verdict_changed());
  CHECK(result.not_compared ==
        std::vector<std::string>{"counts of experiments", "latencies of experiments"});
  fresh.experiments.clear();
  CHECK(gate({{measurements_of(base)}, {measurements_of(fresh)}}, {}).failed());
  CHECK(gate({{measurements_of(fresh)}, {measurements_of(base)}}, {}).only_new ==
        std::vector<std::string>{"create-race/temporary-link (safe)"});
}
