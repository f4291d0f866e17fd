#include "bench/race/run.h"

#include <algorithm>
#include <memory>

#include "bench/analysis/cross_checks.h"
#include "bench/analysis/recommend.h"
#include "bench/analysis/scaling.h"
#include "bench/analysis/separation.h"
#include "bench/launchers/launcher.h"
#include "bench/plan/scenario.h"
#include "bench/race/cell_race.h"
#include "bench/race/progress.h"
#include "bench/race/reference.h"
#include "bench/remote/coordinator.h"
#include "bench/storage/place_trials.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"
#include "reports/text/cell_words.h"

namespace npyrace {
namespace {

using Races = std::vector<std::unique_ptr<CellRace>>;

/// One repetition for Google Benchmark, which takes errors as values, not exceptions. After an
/// interrupt all remaining calls return at once.
Measurement measure(CellRace& race) {
  if (interrupted()) return {.error = "interrupted"};
  try {
    const auto result = race.repeat();
    if (!result) return {.error = race.problem()};
    const std::uint64_t items = race.map().records() * result->generations;
    return {.seconds = result->seconds, .items = items, .bytes = items * race.map().record_bytes()};
  } catch (const Interrupted& error) {
    return {.error = error.what()};
  }
}

/// Titles of cells for the progress line: the axes in which they differ.
std::vector<std::string> titles_of(const std::vector<Cell>& cells) {
  std::vector<CellResult> described;
  for (const Cell& cell : cells) described.push_back({.cell = cell.description});
  if (described.empty()) return {};
  const std::vector<CellAxis> axes = shown_axes(described);
  std::vector<std::string> titles;
  for (const CellResult& cell : described) titles.push_back(cell_title(cell, axes));
  return titles;
}

std::vector<BenchmarkCase> cases_of(const RunPlan& plan, const Races& races, Progress& progress) {
  std::vector<BenchmarkCase> cases;
  const std::vector<std::string> titles = titles_of(plan.cells);
  for (std::size_t i = 0; i < races.size(); ++i) {
    const Cell& cell = plan.cells[i];
    CellRace& race = *races[i];
    cases.push_back({.name = cell.description.name,
                     .repetitions = cell.repetitions,
                     .measure = [&race, title = titles[i], &progress] {
                       progress.step(title);
                       const Measurement measurement = measure(race);
                       progress.done(measurement.seconds, measurement.items);
                       return measurement;
                     }});
  }
  return cases;
}

/// Increases the number of trials of safe cells with too few. Time that a cell does not need goes
/// to the remaining ones.
void race_further(const Races& races, const RunPlan& plan) {
  std::vector<std::size_t> weak;
  for (std::size_t i = 0; i < races.size() && plan.further_seconds > 0 && !interrupted(); ++i)
    if (races[i]->wants_trials()) weak.push_back(i);
  Progress progress(weak.size(), plan.verbosity);
  const std::vector<std::string> titles = titles_of(plan.cells);
  double left_seconds = plan.further_seconds;
  Stopwatch watch;
  for (std::size_t done = 0; done < weak.size() && left_seconds > 0; ++done) {
    progress.step("more trials: " + titles[weak[done]]);
    try {
      races[weak[done]]->try_more(left_seconds / static_cast<double>(weak.size() - done));
    } catch (const Interrupted&) {
      return;  // keep the results so far
    }
    progress.done(0, 0);
    left_seconds -= watch.lap_seconds();
  }
}

std::uint64_t steps_of(const RunPlan& plan) {
  std::uint64_t steps = 0;
  for (const Cell& cell : plan.cells) steps += cell.repetitions;
  return steps;
}

/// The same case, which adds its time to `sum_seconds`.
BenchmarkCase with_its_seconds(BenchmarkCase one, double& sum_seconds) {
  one.measure = [measure = std::move(one.measure), &sum_seconds] {
    Stopwatch watch;
    const Measurement measurement = measure();
    sum_seconds += watch.lap_seconds();
    return measurement;
  };
  return one;
}

/// Tests locks between the processes that will use them: on this host, between ranks, or both.
std::string locks_problem(const RunPlan& plan, const Site& site) {
  const auto wanted = [&](auto by_launcher) {
    return std::ranges::any_of(plan.cells, [&](const Cell& cell) {
      return needs_locks(cell) && by_launcher(cell.description.launcher);
    });
  };
  const bool here = wanted([](const std::string& launcher) { return launcher != kSsh; });
  const bool between =
      site.coordinator != nullptr && wanted([](const std::string&) { return true; });
  std::string problem = here ? try_locks(plan.dirs(), site.open_file) : "";
  if (problem.empty() && between) problem = try_locks_between(*site.coordinator, plan.dirs());
  return problem;
}

}  // namespace

RunResult execute(const RunPlan& plan, const Site& site) {
  Stopwatch whole;
  RunSeconds spent;
  Progress* shown = nullptr;
  const bool judges = !plan.cells.empty() || !plan.experiments.empty();
  const RaceContext context{
      .site = site,
      .judge = judges ? try_judge(plan.judge_dir, site.open_file) : JudgeTrial{},
      .locks_problem = locks_problem(plan, site),
      .tell = [&shown](const std::string& text) {
        if (shown != nullptr) shown->note(text);
      }};
  Races races;
  for (const Cell& cell : plan.cells)
    races.push_back(std::make_unique<CellRace>(plan, cell, context));
  RunResult result{.environment = look_at_environment(plan.mounts),
                   .seed = plan.seed,
                   .scenarios = plan.scenarios,
                   .labels = plan.labels};
  for (const ExecProgram& program : plan.exec.programs)
    result.programs.push_back({program.strategy(), program.command});
  result.environment.lab = plan.lab;
  if (site.coordinator != nullptr) result.environment.ranks = site.coordinator->describe();
  Reference reference(plan.dirs().front(), site.open_file);
  {
    Progress progress(steps_of(plan), plan.verbosity, plan.further_seconds);
    shown = &progress;
    std::vector<BenchmarkCase> cases = cases_of(plan, races, progress);
    for (BenchmarkCase& loop : reference.cases())
      cases.push_back(with_its_seconds(std::move(loop), spent.reference));
    result.google_benchmark_json = run_benchmarks(cases);
    shown = nullptr;
  }
  race_further(races, plan);
  const auto unless_interrupted = [](const auto& work) {
    try {
      if (!interrupted()) work();
    } catch (const Interrupted&) {
      return;  // keep the results so far
    }
  };
  for (const auto& race : races) {
    result.cells.push_back(race->result());
    spent.add_parts(race->spent());
  }
  doubt_programs(result.cells, result.environment);
  result.separations = separations(result.cells);
  confirm_attributions(result.cells, result.separations);
  result.scalings = scalings(result.cells);
  result.contradictions = contradictions(result.environment, result.cells);
  result.references = reference.results();
  result.recommendation = recommend(result.cells, result.environment, result.programs);
  for (const ScenarioRow* scenario : plan.experiments)
    unless_interrupted([&] { scenario->experiment(plan, context, result); });
  result.interrupted = interrupted();
  spent.total = whole.lap_seconds();
  spent.other = spent.total - spent.races - spent.checks - spent.starts - spent.reference;
  result.run_seconds = spent;
  return result;
}

ExitCode exit_code_of(const RunResult& result) {
  const auto any = [&](Verdict verdict) {
    return std::ranges::count(result.cells, verdict, &CellResult::verdict) > 0 ||
           std::ranges::count(result.experiments, verdict, &ExperimentResult::verdict) > 0;
  };
  const auto failed = [](const PassportRow& row) { return !row.problem.empty() && !row.refused; };
  const bool no_passport = result.passport && std::ranges::any_of(result.passport->rows, failed);
  if (any(Verdict::unsafe)) return ExitCode::unsafe;
  return any(Verdict::failed) || no_passport ? ExitCode::trouble : ExitCode::fine;
}

}  // namespace npyrace
