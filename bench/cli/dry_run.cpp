#include "bench/cli/dry_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/launchers/launcher.h"
#include "bench/plan/scenario.h"
#include "core/array/array_map.h"
#include "reports/text/terminal_report.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

std::string bytes_words(double bytes) {
  return short_number(bytes) + "B";
}

/// Seconds of racing at most; nothing if a cell has no budget.
std::optional<double> most_seconds(const RunPlan& plan, const RunOptions& options) {
  if (options.at_most_seconds) return options.at_most_seconds;
  double seconds = plan.further_seconds;
  for (const Cell& cell : plan.cells) {
    if (cell.budget_seconds <= 0) return std::nullopt;
    // The first generation is always completed, and at least two generations are raced.
    seconds += cell.budget_seconds * static_cast<double>(cell.repetitions);
  }
  return plan.experiments.empty() ? std::optional(seconds) : std::nullopt;
}

std::string time_words(const RunPlan& plan, const RunOptions& options) {
  const std::optional<double> seconds = most_seconds(plan, options);
  if (!seconds) return "The time has no bound: --at-most 10m sets one.";
  if (options.at_most_seconds)
    return fmt::format("At most {:.0f} s; cells that are not reached by then are left out.",
                       *seconds);
  return fmt::format(
      "Writing is planned for at most {:.0f} s; a file system that needs longer for two generations takes "
      "longer (--at-most 10m sets a bound).",
      *seconds);
}

/// A batch system may limit the jobs of a user, so their number matters before any is submitted.
std::string array_job_words(const RunPlan& plan) {
  std::uint64_t jobs = 0;
  bool more = false;
  for (const Cell& cell : plan.cells) {
    if (cell.description.launcher != kSlurm) continue;
    const bool budgeted = cell.budget_seconds > 0;
    const std::uint64_t generations = budgeted
                                          ? std::min<std::uint64_t>(2, cell.description.generations)
                                          : cell.description.generations;
    jobs += cell.repetitions * generations;
    more |= generations < cell.description.generations;
  }
  if (jobs == 0) return "";
  return fmt::format(
      " Slurm gets {}{} array jobs, one for each generation, one after the other: --repetitions and "
      "--generations set their number.",
      more ? "at least " : "", jobs);
}

}  // namespace

std::string dry_run_text(const RunPlan& plan, const RunOptions& options) {
  std::string text;
  double written_bytes = 0;
  std::uint64_t files = 0, largest_bytes = 0;
  for (const Cell& cell : plan.cells) {
    const std::uint64_t file_bytes = ArrayMap(cell.array).file_bytes();
    const double cell_bytes = static_cast<double>(file_bytes) *
                              static_cast<double>(cell.repetitions) *
                              static_cast<double>(cell.description.generations);
    text += fmt::format("{}\n  files {}, each {}; writes at most {}\n", cell.description.name,
                        cell.repetitions, bytes_words(static_cast<double>(file_bytes)),
                        bytes_words(cell_bytes));
    written_bytes += cell_bytes;
    files += cell.repetitions;
    largest_bytes = std::max(largest_bytes, file_bytes);
  }
  for (const ScenarioRow* scenario : plan.experiments)
    text += fmt::format("experiment {}\n", scenario->name);
  const std::string sums = fmt::format(
      "{} cells in {}: {} files one after the other, the largest {}; {} written at most. {}{}",
      plan.cells.size(), plan.dirs().front(), files,
      bytes_words(static_cast<double>(largest_bytes)), bytes_words(written_bytes),
      time_words(plan, options), array_job_words(plan));
  return text + wrapped(sums, {});
}

}  // namespace npyrace
