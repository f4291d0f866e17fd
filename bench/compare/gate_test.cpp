#include "bench/compare/gate.h"

#include <cmath>
#include <limits>
#include <random>

#include "bench/compare/drift.h"
#include "bench/compare/rerun.h"
#include "tests/catch.h"

using namespace npyrace;
using Catch::Matchers::ContainsSubstring;

namespace {

/// Repetitions around `seconds` that differ by one percent.
std::vector<double> times(double seconds, std::size_t count = 10) {
  std::vector<double> samples;
  for (std::size_t i = 0; i < count; ++i)
    samples.push_back(seconds * (1 + 0.002 * static_cast<double>(i)));
  return samples;
}

/// Cells a, b, c, d, e; the machine's references are constant.
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

TEST_CASE("lost safety fails at any speed", "[gate]") {
  for (const Verdict now : {Verdict::unsafe, Verdict::failed, Verdict::skipped}) {
    const GateResult result = gate({{run({1, 1, 1, 1})}, {run({1, 1, 1, 1}, now)}}, {});
    CHECK(outcome(result, "a") == GateOutcome::lost_safety);
    CHECK(result.failed());
    CHECK(result.cells.front().name == "a");
    CHECK_THAT(result.cells.front().reason,
               ContainsSubstring("was safe, is " + std::string(verdict_name(now))));
  }
}

TEST_CASE("a missing cell fails unless it was never measured", "[gate]") {
  Sides sides{{run({1, 1, 1})}, {run({1, 1})}};
  for (const Verdict was : {Verdict::safe, Verdict::unsafe, Verdict::inconclusive}) {
    sides.base[0].cells[2].verdict = was;
    const GateResult result = gate(sides, {});
    CHECK(outcome(result, "c") == GateOutcome::missing);
    CHECK(result.failed());
    CHECK_THAT(result.cells.front().reason, ContainsSubstring("NEW does not have it"));
    const GateResult allowed = gate(sides, {.allow_missing = true});
    CHECK_FALSE(allowed.failed());
    CHECK(outcome(allowed, "c") == GateOutcome::not_compared);
  }
  sides.base[0].cells[2].verdict.reset();  // as in results of Google Benchmark
  CHECK(outcome(gate(sides, {}), "c") == GateOutcome::missing);
  sides.base[0].cells[2] = {.name = "c", .verdict = Verdict::skipped, .reason = "no mmap"};
  CHECK(outcome(gate(sides, {}), "c") == GateOutcome::not_compared);
}

TEST_CASE("a missing cell is matched with its possible new name", "[gate]") {
  Sides sides{{run({1, 1, 1})}, {run({1, 1, 1})}};
  sides.base[0].cells[2].name = "BM_copy_rows/64";
  sides.candidate[0].cells[2].name = "BM_copy_row/64";
  const GateResult result = gate(sides, {});
  CHECK(result.failed());
  CHECK_THAT(result.cells.front().reason, ContainsSubstring("renamed to BM_copy_row/64?"));
}

TEST_CASE("a missing cell is not matched with a cell of other parameters or another strategy",
          "[gate]") {
  for (const auto& [was, is] : std::vector<std::pair<std::string, std::string>>{
           {"run/pwrite/packed/writers:4", "run/pwrite/packed/writers:8"},
           {"run/pwrite/packed/writers:4", "run/mmap/packed/writers:4"},
           {"run/pwrite-lock/padded-record/block", "run/pwrite-sync/padded-block/block"},
           {"BM_copy/64", "BM_copy/128"},
           {"BM_copy/64", "BM_copy/64/real_time"}}) {
    INFO(was << " and " << is);
    Sides sides{{run({1, 1, 1})}, {run({1, 1, 1})}};
    sides.base[0].cells[2].name = was;
    sides.candidate[0].cells[2].name = is;
    CHECK_THAT(gate(sides, {}).cells.front().reason, !ContainsSubstring("renamed"));
  }
}

TEST_CASE("a cell or benchmark that did not run this time fails", "[gate]") {
  for (const std::optional<Verdict> was :
       {std::optional<Verdict>(), std::optional(Verdict::inconclusive),
        std::optional(Verdict::unsafe)})
    for (const Verdict now : {Verdict::failed, Verdict::skipped}) {
      Sides sides{{run({1, 1, 1, 1})}, {run({1, 1, 1, 1})}};
      sides.base[0].cells[0].verdict = was;
      sides.candidate[0].cells[0] = {.name = "a", .verdict = now, .reason = "no space"};
      CHECK(outcome(gate(sides, {}), "a") == GateOutcome::did_not_run);
      CHECK_FALSE(gate(sides, {.allow_missing = true}).failed());
      sides.base[0].cells[0].verdict = Verdict::safe;
      CHECK(outcome(gate(sides, {}), "a") == GateOutcome::lost_safety);
    }
  // A single repetition with an error fails the cell.
  Sides sides{{run({1, 1, 1, 1})}, {run({1, 1, 1, 1})}};
  sides.candidate[0].cells[1].trouble = "error: no such file";
  const GateResult result = gate(sides, {});
  CHECK(outcome(result, "b") == GateOutcome::did_not_run);
  CHECK_THAT(result.cells.front().reason, ContainsSubstring("error: no such file"));
}

TEST_CASE("a gate that could compare no cell says so", "[gate]") {
  CHECK(gate({{run({})}, {run({})}}, {}).compared_nothing());
  CHECK(gate({{run({})}, {run({1, 1})}}, {}).compared_nothing());
  Sides sides{{run({1, 1, 1, 1, 1})}, {run({1, 1, 1, 1, 1})}};
  CHECK_FALSE(gate(sides, {}).compared_nothing());
  for (auto* side : {&sides.base, &sides.candidate})
    for (CellSamples& cell : side->front().cells) cell.seconds.resize(2);
  const GateResult few = gate(sides, {});
  CHECK(few.compared_nothing());
  CHECK_FALSE(few.failed());
  CHECK_FALSE(gate({{run({1})}, {run({})}}, {}).compared_nothing());  // the cell is missing
}

TEST_CASE("a safe cell that became inconclusive fails with its own outcome", "[gate]") {
  const GateResult result =
      gate({{run({1, 1, 1, 1})}, {run({1, 1, 1, 1}, Verdict::inconclusive)}}, {});
  CHECK(outcome(result, "a") == GateOutcome::not_proven);
  CHECK(result.failed());
}

TEST_CASE("over several runs one unsafe verdict decides; otherwise one safe verdict does",
          "[gate]") {
  const Measurements safe = run({1, 1, 1, 1});
  const Measurements unsafe = run({1, 1, 1, 1}, Verdict::unsafe);
  const Measurements inconclusive = run({1, 1, 1, 1}, Verdict::inconclusive);
  CHECK(outcome(gate({{safe, safe}, {safe, unsafe, safe}}, {}), "a") == GateOutcome::lost_safety);
  CHECK(outcome(gate({{safe, safe}, {inconclusive, safe}}, {}), "a") == GateOutcome::passed);
}

TEST_CASE("a slowdown beyond the limit fails; a smaller one or a speedup does not", "[gate]") {
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
  CHECK_THAT(result.cells.front().reason, ContainsSubstring("such runs per side would be enough"));
  CHECK(outcome(result, "b") == GateOutcome::passed);
}

TEST_CASE("too few repetitions for any interval are not measurable", "[gate]") {
  Sides sides{{run({1, 1, 1, 1, 1})}, {run({2, 1, 1, 1, 1})}};
  for (auto* side : {&sides.base, &sides.candidate})
    for (CellSamples& cell : side->front().cells) cell.seconds.resize(3);
  const GateResult result = gate(sides, {0.1});
  CHECK(outcome(result, "a") == GateOutcome::not_measurable);
  CHECK_THAT(result.cells.front().reason, ContainsSubstring("too few"));
}

TEST_CASE("a rerun can clear a suspected slowdown but not an unsafe verdict", "[gate]") {
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
  CHECK_THAT(result.cells.front().reason,
             ContainsSubstring(".. commit c23, against commit c0 .. commit c"));
  CHECK_THAT(result.history, ContainsSubstring("24 runs"));
}

TEST_CASE("a cell without times cannot drift", "[gate]") {
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
  CHECK_THAT(result.history, ContainsSubstring("fewer than 6"));
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
    sides.candidate.push_back(measured(1.2));
  }
  const GateResult paired = gate(sides, {0.1});
  CHECK(outcome(paired, "a") == GateOutcome::slower);
  CHECK(outcome(paired, "b") == GateOutcome::passed);
  sides.base.resize(4);
  sides.candidate.resize(4);
  const GateResult few = gate(sides, {0.1});
  CHECK(outcome(few, "a") == GateOutcome::slower);  // by Student's t
  sides.paired = false;
  CHECK(outcome(gate(sides, {0.1}), "a") == GateOutcome::not_measurable);
}

TEST_CASE("rounds whose noise is too wide say how many would do", "[gate]") {
  Sides sides{.paired = true};
  for (int round = 0; round < 12; ++round) {
    sides.base.push_back(run({1}));
    sides.candidate.push_back(run({round % 2 == 0 ? 1.25 : 0.8}));
  }
  const GateResult result = gate(sides, {0.1});
  CHECK(outcome(result, "a") == GateOutcome::not_measurable);
  CHECK(result.cells[0].runs_needed > 12);
  CHECK_THAT(result.cells[0].reason, ContainsSubstring("such rounds would be enough"));
}

TEST_CASE("a round in which a side has no times does not count, and pairs stay pairs", "[gate]") {
  Sides sides{.paired = true};
  for (int round = 0; round < 12; ++round) {
    const double now = round + 1.0;
    sides.base.push_back(run({now, now}));
    sides.candidate.push_back(run({now * 1.01, now}));
  }
  sides.base[3].cells[0].seconds.clear();
  sides.candidate[7].cells.erase(sides.candidate[7].cells.begin());
  const GateResult result = gate(sides, {0.1});
  CHECK(outcome(result, "a") == GateOutcome::passed);
  for (const GateCell& cell : result.cells)
    if (cell.name == "a") CHECK(cell.change->ratio == Approx(1.01));
}

TEST_CASE("several runs are compared by their quicker generations, if all recorded them",
          "[gate]") {
  Sides sides{{run({1}), run({1})}, {run({1}), run({1})}, true};
  for (auto* side : {&sides.base, &sides.candidate})
    for (Measurements& one : *side) one.cells[0].generations = {1, 1, 3, 4, 90};
  for (Measurements& one : sides.candidate)
    one.cells[0].generations[0] = one.cells[0].generations[1] = 1.5;
  CHECK(compare(sides, {0.05, 0.05}).cells[0].change->ratio == Approx(1.5));
  CHECK(compare(sides, {0.05, 0.05}).cells[0].candidate.seconds == 1.5);
  // If a run has more generations, only the same number counts: a low quantile of more would be
  // lower.
  sides.base[1].cells[0].generations.insert(sides.base[1].cells[0].generations.end(), 50, 0.1);
  CHECK(compare(sides, {0.05, 0.05}).cells[0].change->ratio == Approx(1.5));
  sides.base[1].cells[0].generations.clear();  // made by an older version
  CHECK(compare(sides, {0.05, 0.05}).cells[0].change->ratio == Approx(1));
}

namespace {

/// Rounds of cells a, b, c; each generation of a is `fresh(its quantile)`.
Sides rounds_of_generations(double (*candidate)(double)) {
  Sides sides{.paired = true};
  std::mt19937_64 random(7);
  std::normal_distribution<double> noise(0, 0.005);
  for (int round = 0; round < 20; ++round)
    for (auto* side : {&sides.base, &sides.candidate}) {
      Measurements one = run({1, 1, 1});
      for (CellSamples& cell : one.cells)
        for (int i = 0; i < 100; ++i) {
          const bool changed = side == &sides.candidate && cell.name == "a";
          cell.generations.push_back((changed ? candidate(i / 100.0) : 1) *
                                     std::exp(noise(random)));
        }
      side->push_back(one);
    }
  return sides;
}

}  // namespace

TEST_CASE("a slowdown of all but the quickest generations fails", "[gate]") {
  const Sides sides = rounds_of_generations([](double below) { return below < 0.1 ? 1.0 : 3.0; });
  const GateResult result = gate(sides, {0.1});
  CHECK(outcome(result, "a") == GateOutcome::slower);
  CHECK(outcome(result, "b") == GateOutcome::passed);
  CHECK_THAT(result.cells.front().reason, ContainsSubstring("the median generation takes +"));
  CHECK(result.cells.front().change->ratio == Approx(1).margin(0.02));
  CHECK(result.cells.front().typical->ratio == Approx(3).margin(0.1));
}

TEST_CASE("a slowdown of some generations is reported although the gate passes", "[gate]") {
  const Sides sides = rounds_of_generations([](double below) { return below < 0.7 ? 1.0 : 9.0; });
  const GateResult result = gate(sides, {0.1});
  for (const GateCell& cell : result.cells) {
    CHECK(cell.outcome == GateOutcome::passed);
    CHECK(cell.note.empty() == (cell.name != "a"));
    if (cell.name == "a")
      CHECK_THAT(cell.note, ContainsSubstring("30 %") && ContainsSubstring("before, 0 % did"));
  }
}

TEST_CASE(
    "a change of the machine is distinguished from noise and reported with its factor and a remedy",
    "[gate]") {
  const Measurements base = run({1, 1, 1, 1, 1});
  Measurements half = run({2, 2, 2, 2, 2});
  half.references[0].seconds = times(2);
  const GateResult result = gate({{base}, {half}}, {0.1});
  CHECK_THAT(result.machine, ContainsSubstring("reference/write-loop takes 2 times as long") &&
                                 ContainsSubstring("--relative-to reference"));
  CHECK(result.compared_nothing());
  CHECK_THAT(result.cells.front().reason, ContainsSubstring("the machine itself changed"));
  CHECK(gate({{base}, {base}}, {0.1}).machine.empty());
  Sides relative{{base}, {half}};
  for (auto* side : {&relative.base, &relative.candidate})
    make_relative(side->front(), "reference");
  CHECK(gate(relative, {0.1}).machine.empty());
  CHECK_FALSE(gate(relative, {0.1}).compared_nothing());
  Sides other{{base}, {base}};
  other.base[0].processors = 8;
  other.candidate[0].processors = 2;
  CHECK_THAT(gate(other, {0.1}).machine, ContainsSubstring("8 processors, NEW on 2"));
}

TEST_CASE("each interim analysis of growing rounds spends its share of the error level", "[gate]") {
  Sides sides{.paired = true};
  for (int round = 0; round < 12; ++round) {
    sides.base.push_back(run({1}));
    sides.candidate.push_back(run({1.2 + 0.01 * round}));
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
  RunResult candidate = base;
  candidate.experiments[0].verdict = Verdict::unsafe;
  candidate.experiments[0].reason = "9 lost";
  const Sides same{{measurements_of(base)}, {measurements_of(base)}};
  CHECK_FALSE(gate(same, {}).failed());
  const Sides worse{{measurements_of(base)}, {measurements_of(candidate)}};
  const GateResult result = gate(worse, {});
  CHECK(outcome(result, "create-race/temporary-link") == GateOutcome::lost_safety);
  CHECK_THAT(result.cells[0].reason, ContainsSubstring("was safe, is unsafe: 9 lost"));
  CHECK(compare(worse, {0.05, 0.05}).cells[0].verdict_changed());
  CHECK(result.not_compared ==
        std::vector<std::string>{"counts of experiments", "latencies of experiments"});
  candidate.experiments.clear();
  CHECK(gate({{measurements_of(base)}, {measurements_of(candidate)}}, {}).failed());
  CHECK(gate({{measurements_of(candidate)}, {measurements_of(base)}}, {}).only_new ==
        std::vector<std::string>{"create-race/temporary-link (safe)"});
}
