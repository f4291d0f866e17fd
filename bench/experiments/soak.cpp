#include "bench/experiments/soak.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>

#include "bench/experiments/soak_tally.h"
#include "bench/race/availability.h"
#include "bench/race/cell_race.h"
#include "bench/race/progress.h"
#include "bench/storage/place_trials.h"
#include "core/array/layout.h"
#include "core/array/stamp.h"
#include "core/base/error.h"
#include "core/base/print.h"
#include "core/base/table.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

constexpr double kUsualSeconds = 60;
/// Time limit per cell; a slow file system gets fewer generations, as in other scenarios.
constexpr double kCellSeconds = 5;
/// Anomalies are also printed when found, in case the result is lost.
constexpr std::uint64_t kMostTold = 20;
/// Range of seeds, which are short enough to type.
constexpr std::uint64_t kSeedLimit = std::uint64_t{1} << 32;

/// Excludes strategies that overwrite records of others, because their losses are expected; they
/// are used only if named.
std::vector<std::string> usual_strategies(const RunPlan& plan, const RaceContext& context) {
  std::vector<std::string> names;
  for (const StrategyRow& row : strategy_table())
    if (row.keeps_to_its_records &&
        try_strategy(row, plan.dirs().front(), context.site.open_file).available)
      names.emplace_back(row.name);
  return names;
}

std::vector<std::string> typed_or(const std::vector<std::string>& typed,
                                  const std::vector<std::string>& usual) {
  return typed.empty() ? usual : typed;
}

SoakChoices choices_of(const RunPlan& plan, const RaceContext& context) {
  const RunOptions& typed = *plan.drawn;
  return {
      .strategies = typed.strategies.empty() ? usual_strategies(plan, context) : typed.strategies,
      .layouts = typed_or(typed.layouts, row_names(layout_table())),
      .ownerships = typed_or(typed.ownerships, row_names(ownership_table())),
      .syncs = typed_or(typed.syncs, {"none", "end", "every", "record"}),
      .launchers = typed_or(typed.launchers, {"process", "thread"}),
      .caches = typed_or(typed.caches, row_names(cache_table()))};
}

/// Returns nothing after an interrupt: an interrupted cell has no result.
std::optional<CellResult> race_drawn(const RunPlan& plan, const RaceContext& context,
                                     const RunOptions& drawn) {
  RunPlan one = make_cell_plan(plan, drawn);
  Cell& cell = one.cells.front();
  cell.budget_seconds = kCellSeconds / static_cast<double>(cell.repetitions);
  CellRace race(one, cell, context);
  try {
    for (std::uint64_t i = 0; i < cell.repetitions && !interrupted(); ++i) race.repeat();
  } catch (const Interrupted&) {
    return {};
  }
  if (interrupted()) return {};
  CellResult result = race.result();
  result.replay = Replay{one.seed, replay_command(drawn)};
  return result;
}

void tell(const CellResult& cell, std::uint64_t told, Verbosity verbosity) {
  if (verbosity == Verbosity::quiet || told > kMostTold) return;
  print_note("npyrace: soak: {} ({}); again: {}\n", verdict_name(cell.verdict),
             printable(cell.reason), printable(cell.replay->command));
}

}  // namespace

void soak(const RunPlan& plan, const RaceContext& given, RunResult& result) {
  RaceContext context = given;
  context.locks_problem = try_locks(plan.dirs(), context.site.open_file);
  const SoakChoices choices = choices_of(plan, context);
  const double seconds = plan.drawn->for_seconds.value_or(kUsualSeconds);
  SoakTally tally;
  Progress progress(0, plan.verbosity);  // the number of cells is unknown
  const std::int64_t start_ns = monotonic_ns();
  const auto passed_seconds = [&] { return static_cast<double>(monotonic_ns() - start_ns) * 1e-9; };
  for (std::uint64_t number = 0; number == 0 || passed_seconds() < seconds; ++number) {
    const std::uint64_t seed = derive_seed(plan.seed, number) % kSeedLimit;
    progress.step(
        fmt::format("soak: {:.0f} of {:.0f} s, {}", passed_seconds(), seconds, tally.words()));
    auto cell = race_drawn(plan, context, draw_cell(choices, *plan.drawn, seed));
    if (!cell) break;
    if (tally.is_news(*cell)) tell(*cell, ++tally.told, plan.verbosity);
    tally.add(std::move(*cell));
    progress.done(0, 0);
  }
  tally.into(result, passed_seconds(), interrupted());
}

void check_soak(const RunOptions& options, const RunPlan&) {
  const auto refuse = [](bool typed, const char* option) {
    if (typed)
      throw UsageError(fmt::format("scenario soak draws cells of its own: drop {}", option));
  };
  refuse(!options.exec.programs.empty(), "--exec");
  refuse(!options.mix.empty(), "--mix");
  refuse(options.keep, "--keep");
  refuse(options.readers.has_value(), "--readers");
  refuse(!options.array.shape.empty(), "--shape");
  if (options.for_seconds && *options.for_seconds <= 0)
    throw UsageError("--for must be more than 0 s");
}

}  // namespace npyrace
