#include "bench/decide/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace npyrace {
namespace {

std::string verdict_words(const CellSide& side) {
  return fmt::format("{}{}{}", verdict_name(*side.verdict), side.reason.empty() ? "" : ": ",
                     side.reason);
}

/// Nothing where safety gives no reason to look up.
std::optional<GateCell> judge_safety(const CellComparison& cell) {
  if (cell.base.verdict != Verdict::safe || cell.fresh.verdict == Verdict::safe)
    return std::nullopt;
  GateCell judged{.name = cell.name, .change = cell.change};
  if (!cell.fresh.verdict) {
    judged.outcome = GateOutcome::lost_safety;
    judged.reason = "was safe, and NEW has no verdict: is it a result of npyrace?";
    return judged;
  }
  const bool unproven = cell.fresh.verdict == Verdict::inconclusive;
  judged.outcome = unproven ? GateOutcome::not_proven : GateOutcome::lost_safety;
  judged.reason = fmt::format("was safe, is {}", verdict_words(cell.fresh));
  return judged;
}

double half_width(const Change& change) {
  return (std::log(change.interval.high) - std::log(change.interval.low)) / 2;
}

std::string percent(double ratio) {
  return fmt::format("{:+.1f} %", 100 * (ratio - 1));
}

GateCell judge_speed(const CellComparison& cell, const GateLimits& limits, double alpha) {
  GateCell judged{.name = cell.name, .change = cell.change};
  if (!cell.change) return judged;
  const Change& change = *cell.change;
  const double limit = 1 + limits.max_slowdown;
  if (change.known && change.interval.low > limit) {
    judged.outcome = GateOutcome::slower;
    judged.reason =
        fmt::format("a record takes {} time, at least {}; {:.3g} % are allowed",
                    percent(change.ratio), percent(change.interval.low), 100 * limits.max_slowdown);
    return judged;
  }
  if (change.known && (change.interval.high <= limit || half_width(change) <= std::log(limit)))
    return judged;
  judged.outcome = GateOutcome::not_measurable;
  const std::uint64_t runs = std::max(cell.base.runs, cell.fresh.runs);
  judged.runs_needed =
      change.known ? runs_needed(runs, half_width(change), std::log(limit), alpha) : 0;
  // From one run nobody knows how runs differ; from two hardly.
  if (judged.runs_needed > 0) judged.runs_needed = std::max<std::uint64_t>(judged.runs_needed, 3);
  judged.reason =
      judged.runs_needed > 0
          ? fmt::format(
                "noise is wider than {:.3g} %; about {} runs a side of {} repetitions would do",
                100 * limits.max_slowdown, judged.runs_needed,
                (cell.fresh.repetitions + cell.fresh.runs - 1) / cell.fresh.runs)
          : fmt::format(
                "{} and {} repetitions are too few for any interval at this confidence: use "
                "--repetitions 10 or more, or several runs a side",
                cell.base.repetitions, cell.fresh.repetitions);
  return judged;
}

/// Nobody raced it: nothing says that it is safe any more.
void add_missing(GateResult& result, const Sides& sides, const std::vector<std::string>& names) {
  for (const std::string& name : names)
    for (const Measurements& run : sides.base) {
      const CellSamples* cell = run.find(name);
      if (cell == nullptr || cell->verdict != Verdict::safe) continue;
      result.cells.push_back(
          {.name = name,
           .outcome = GateOutcome::lost_safety,
           .reason = "was safe, and NEW does not have it; gate --update if that is meant"});
      break;
    }
}

int rank(const GateCell& cell) {
  if (fails(cell.outcome)) return 0;
  return cell.outcome == GateOutcome::passed ? 2 : 1;
}

}  // namespace

GateResult gate(const Sides& sides, const GateLimits& limits) {
  const std::size_t intervals = std::max<std::size_t>(1, timed_cells(sides).size());
  // Two-sided intervals of which one end is asked.
  const double alpha = 2 * kFalseAlarms / static_cast<double>(intervals);
  const Comparison comparison = compare(sides, alpha);
  GateResult result{.max_slowdown = limits.max_slowdown,
                    .labels = sides.fresh.back().labels,
                    .method = comparison.method,
                    .only_new = comparison.only_new};
  add_missing(result, sides, comparison.only_base);
  for (const CellComparison& cell : comparison.cells) {
    const std::optional<GateCell> lost = judge_safety(cell);
    result.cells.push_back(lost ? *lost : judge_speed(cell, limits, alpha));
  }
  sort_by_outcome(result);
  return result;
}

void sort_by_outcome(GateResult& result) {
  std::ranges::stable_sort(result.cells, {}, rank);
}

}  // namespace npyrace
