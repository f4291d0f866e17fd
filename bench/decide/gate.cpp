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

/// How a gate judges the cells of one comparison.
struct Measure {
  double limit = 1.1;   ///< of new / base
  double alpha = 0.05;  ///< of each interval
  bool rounds = false;  ///< runs are paired
};

std::uint64_t runs_that_would_do(const CellComparison& cell, const Measure& measure) {
  if (!cell.change->known) return 0;
  const double wide = half_width(*cell.change), wanted = std::log(measure.limit);
  if (measure.rounds)
    return rounds_needed(std::min(cell.base.runs, cell.fresh.runs), wide, wanted, measure.alpha);
  const std::uint64_t runs = std::max(cell.base.runs, cell.fresh.runs);
  // From one run nobody knows how runs differ; from two hardly.
  return std::max<std::uint64_t>(runs_needed(runs, wide, wanted, measure.alpha), 3);
}

/// Of a cell that is not measurable.
void say_what_would_do(GateCell& judged, const CellComparison& cell, const Measure& measure) {
  judged.runs_needed = runs_that_would_do(cell, measure);
  if (judged.runs_needed == 0) {
    judged.reason = fmt::format(
        "{} and {} repetitions are too few for any interval at this confidence: use "
        "--repetitions 10 or more, or runs in turns and --paired",
        cell.base.repetitions, cell.fresh.repetitions);
    return;
  }
  judged.reason = fmt::format("noise is wider than {:.3g} %; about {} {} like these would do",
                              100 * (measure.limit - 1), judged.runs_needed,
                              measure.rounds ? "rounds" : "runs a side");
}

GateCell judge_speed(const CellComparison& cell, const Measure& measure) {
  GateCell judged{.name = cell.name, .change = cell.change};
  if (!cell.change) return judged;
  const Change& change = *cell.change;
  if (change.known && change.interval.low > measure.limit) {
    judged.outcome = GateOutcome::slower;
    judged.reason =
        fmt::format("a record takes {} time, at least {}; {:.3g} % are allowed",
                    percent(change.ratio), percent(change.interval.low), 100 * (measure.limit - 1));
    return judged;
  }
  const bool below = change.interval.high <= measure.limit;
  if (change.known && (below || half_width(change) <= std::log(measure.limit))) return judged;
  judged.outcome = GateOutcome::not_measurable;
  say_what_would_do(judged, cell, measure);
  return judged;
}

std::vector<std::string> with_verdicts(const Sides& sides, std::vector<std::string> names) {
  for (std::string& name : names) {
    std::optional<Verdict> verdict;
    for (const Measurements& run : sides.fresh)
      if (const CellSamples* cell = run.find(name); cell != nullptr && !verdict)
        verdict = cell->verdict;
    if (verdict) name += fmt::format(" ({})", verdict_name(*verdict));
  }
  return names;
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
  const double alpha = 2 * kFalseAlarms / static_cast<double>(intervals * limits.looks);
  const Comparison comparison = compare(sides, alpha);
  const Measure measure{.limit = 1 + limits.max_slowdown,
                        .alpha = alpha,
                        .rounds = sides.paired && sides.base.size() > 1};
  GateResult result{.max_slowdown = limits.max_slowdown,
                    .labels = sides.fresh.back().labels,
                    .method = comparison.method,
                    .only_new = with_verdicts(sides, comparison.only_new),
                    .not_compared = comparison.not_compared};
  add_missing(result, sides, comparison.only_base);
  for (const CellComparison& cell : comparison.cells) {
    const std::optional<GateCell> lost = judge_safety(cell);
    result.cells.push_back(lost ? *lost : judge_speed(cell, measure));
  }
  sort_by_outcome(result);
  return result;
}

void sort_by_outcome(GateResult& result) {
  std::ranges::stable_sort(result.cells, {}, rank);
}

}  // namespace npyrace
