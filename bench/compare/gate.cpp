#include "bench/compare/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/table.h"
#include "core/base/text.h"

namespace npyrace {
namespace {

std::string verdict_words(const CellSide& side) {
  return fmt::format("{}{}{}", verdict_name(*side.verdict), side.reason.empty() ? "" : ": ",
                     side.reason);
}

/// Describes why a side has no measurement.
std::string state_words(const CellSide& side) {
  if (!side.trouble.empty()) return side.trouble;
  return side.verdict ? verdict_words(side) : "without times";
}

/// Judges a cell that was not measured on a side; nothing if both have it.
std::optional<GateCell> judge_presence(const CellComparison& cell, bool allow_missing) {
  GateCell judged{.name = cell.name, .change = cell.change};
  if (!cell.base.measured()) {
    if (cell.candidate.verdict == Verdict::safe) return std::nullopt;
    judged.outcome = GateOutcome::not_compared;
    judged.reason = fmt::format("BASE has no measurement of it ({}); NEW: {}",
                                state_words(cell.base), state_words(cell.candidate));
    return judged;
  }
  const bool allowed_skip = allow_missing && cell.candidate.verdict == Verdict::skipped;
  const bool lost_safety = cell.base.verdict == Verdict::safe &&
                           cell.candidate.verdict != Verdict::safe && !allowed_skip;
  const bool timeless = cell.base.has_times && !cell.candidate.has_times;
  const bool did_not_run =
      !cell.candidate.trouble.empty() || !cell.candidate.measured() || timeless;
  if (!did_not_run || lost_safety) return std::nullopt;
  judged.outcome = allow_missing ? GateOutcome::not_compared : GateOutcome::did_not_run;
  judged.reason =
      fmt::format("BASE measured it, and NEW did not: {}{}", state_words(cell.candidate),
                  allow_missing ? "; allowed by --allow-missing" : "");
  return judged;
}

/// Judges a change of the verdict; nothing if safety was not lost.
std::optional<GateCell> judge_safety(const CellComparison& cell) {
  if (cell.base.verdict != Verdict::safe || cell.candidate.verdict == Verdict::safe)
    return std::nullopt;
  GateCell judged{.name = cell.name, .change = cell.change};
  if (!cell.candidate.verdict) {
    judged.outcome = GateOutcome::lost_safety;
    judged.reason = "was safe, and NEW has no verdict: is it a result of npyrace?";
    return judged;
  }
  const bool unproven = cell.candidate.verdict == Verdict::inconclusive;
  judged.outcome = unproven ? GateOutcome::not_proven : GateOutcome::lost_safety;
  judged.reason = fmt::format("was safe, is {}", verdict_words(cell.candidate));
  return judged;
}

double half_width(const Change& change) {
  return (std::log(change.interval.high) - std::log(change.interval.low)) / 2;
}

std::string percent(double ratio) {
  return fmt::format("{:+.1f} %", 100 * (ratio - 1));
}

/// Parameters for judging the cells of one comparison.
struct Measure {
  double limit = 1.1;  ///< on new / base
  bool machine_changed = false;
  double alpha = 0.05;  ///< of each interval
  bool rounds = false;  ///< runs are paired
};

std::uint64_t runs_that_would_do(const CellComparison& cell, const Measure& measure) {
  if (!cell.change->known) return 0;
  const double wide = half_width(*cell.change), wanted = std::log(measure.limit);
  if (measure.rounds)
    return rounds_needed(std::min(cell.base.runs, cell.candidate.runs), wide, wanted,
                         measure.alpha);
  const std::uint64_t runs = std::max(cell.base.runs, cell.candidate.runs);
  // One run gives no variance between runs, and two give a poor estimate.
  return std::max<std::uint64_t>(runs_needed(runs, wide, wanted, measure.alpha), 3);
}

/// Advice for a cell that is not measurable.
void say_what_would_do(GateCell& judged, const CellComparison& cell, const Measure& measure) {
  if (measure.machine_changed) {
    judged.reason =
        "the machine itself changed by more than the limit; --relative-to reference, or rounds on one "
        "machine (--rerun with {side}, --paired), would tell";
    return;
  }
  judged.runs_needed = runs_that_would_do(cell, measure);
  if (judged.runs_needed == 0) {
    judged.reason = fmt::format(
        "{} and {} repetitions are too few for an interval: use --repetitions 10 or "
        "more, or several rounds and --paired",
        cell.base.repetitions, cell.candidate.repetitions);
    return;
  }
  judged.reason = fmt::format("the noise is more than {:.3g} %; about {} such {} would be enough",
                              100 * (measure.limit - 1), judged.runs_needed,
                              measure.rounds ? "rounds" : "runs per side");
}

/// A cell without times passes if it is safe; otherwise there is nothing to compare.
GateCell judge_without_times(GateCell judged, const CellComparison& cell) {
  if (cell.candidate.verdict == Verdict::safe) return judged;
  judged.outcome = GateOutcome::not_compared;
  judged.reason = fmt::format("not compared: it was {}, is {}, and has no times",
                              state_words(cell.base), state_words(cell.candidate));
  return judged;
}

bool is_beyond(const std::optional<Change>& change, double limit) {
  return change && change->known && change->interval.low > limit;
}

/// A cell whose run time estimate passed may have become slower in other generations.
void look_at_the_rest(GateCell& judged, const CellComparison& cell, const Measure& measure) {
  if (is_beyond(cell.typical, measure.limit)) {
    judged.outcome = GateOutcome::slower;
    judged.reason = fmt::format(
        "the median generation takes {} time, at least {} ({:.3g} % are allowed), though the quickest "
        "take {}",
        percent(cell.typical->ratio), percent(cell.typical->interval.low),
        100 * (measure.limit - 1), percent(cell.change->ratio));
    return;
  }
  if (cell.slow && cell.slow->grew)
    judged.note = fmt::format(
        "{:.0f} % of its generations take over twice the median of both sides; before, {:.0f} % did",
        100 * cell.slow->candidate, 100 * cell.slow->base);
}

GateCell judge_speed(const CellComparison& cell, const Measure& measure) {
  GateCell judged{.name = cell.name, .change = cell.change, .typical = cell.typical};
  if (!cell.change) return judge_without_times(judged, cell);
  const Change& change = *cell.change;
  if (change.known && change.interval.low > measure.limit) {
    judged.outcome = GateOutcome::slower;
    judged.reason =
        fmt::format("a record takes {} time, at least {}; {:.3g} % are allowed",
                    percent(change.ratio), percent(change.interval.low), 100 * (measure.limit - 1));
    return judged;
  }
  look_at_the_rest(judged, cell, measure);
  if (fails(judged.outcome)) return judged;
  const bool below = change.interval.high <= measure.limit;
  if (change.known && (below || half_width(change) <= std::log(measure.limit))) return judged;
  judged.outcome = GateOutcome::not_measurable;
  say_what_would_do(judged, cell, measure);
  return judged;
}

std::vector<std::string> with_verdicts(const Sides& sides, std::vector<std::string> names) {
  for (std::string& name : names) {
    std::optional<Verdict> verdict;
    std::string trouble;
    for (const Measurements& run : sides.candidate)
      if (const CellSamples* cell = run.find(name); cell != nullptr && !verdict) {
        verdict = cell->verdict;
        trouble = cell->trouble;
      }
    if (verdict) name += fmt::format(" ({})", verdict_name(*verdict));
    if (!trouble.empty()) name += fmt::format(" ({})", trouble);
  }
  return names;
}

/// Describes base's measurement of a cell; empty if no run has one.
std::string measured_words(const std::vector<Measurements>& base, const std::string& name) {
  for (const Measurements& run : base) {
    const CellSamples* cell = run.find(name);
    if (cell == nullptr) continue;
    const CellSide side{.verdict = cell->verdict, .has_times = !cell->seconds.empty()};
    if (side.measured()) return side.verdict ? verdict_name(*side.verdict) : "measured";
  }
  return "";
}

/// The part of `name` (parts are separated by '/') in which `other` differs, and other's; none if
/// they differ in another number of parts.
std::optional<std::pair<std::string, std::string>> single_difference(const std::string& name,
                                                                     const std::string& other) {
  const std::vector<std::string> parts = split(name, '/');
  const std::vector<std::string> others = split(other, '/');
  if (parts.size() != others.size()) return std::nullopt;
  const auto [part, its] = std::ranges::mismatch(parts, others);
  if (part == parts.end() || !std::equal(part + 1, parts.end(), its + 1)) return std::nullopt;
  return std::pair(*part, *its);
}

/// The new cell that `name` may have become: one part of its name has another spelling. A part that
/// differs in digits only is another parameter, not a renamed one.
std::string renamed_to(const std::string& name, const std::vector<std::string>& new_names) {
  const auto without_digits = [](std::string text) {
    std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
    return text;
  };
  for (const std::string& other : new_names)
    if (const auto difference = single_difference(name, other);
        difference && without_digits(difference->first) != without_digits(difference->second) &&
        !nearest_name(difference->first, std::span(&difference->second, 1)).empty())
      return other;
  return "";
}

/// Cells that were not run: whether they are still safe and fast is unknown.
void add_missing(GateResult& result, const Sides& sides, const Comparison& comparison,
                 bool allow_missing) {
  for (const std::string& name : comparison.only_base) {
    const std::string was = measured_words(sides.base, name);
    const std::string near = renamed_to(name, comparison.only_new);
    GateCell cell{.name = name,
                  .outcome = GateOutcome::missing,
                  .reason = fmt::format("was {}, and NEW does not have it", was)};
    if (was.empty()) cell.reason = "NEW does not have it, and BASE has no measurement of it";
    if (!near.empty()) cell.reason += fmt::format("; was it renamed to {}?", near);
    if (was.empty() || allow_missing) cell.outcome = GateOutcome::not_compared;
    if (fails(cell.outcome)) cell.reason += "; --allow-missing, or --update, if that is meant";
    result.cells.push_back(cell);
  }
}

/// Reports runs of NEW that lack the cell; they are not counted.
void note_gaps(GateCell& judged, const CellSide& candidate) {
  if (candidate.runs_without == 0 || judged.outcome == GateOutcome::lost_safety) return;
  judged.note +=
      fmt::format("{}{} of {} runs of NEW do not have it", judged.note.empty() ? "" : "; ",
                  candidate.runs_without, candidate.runs_without + candidate.runs);
}

GateCell judge(const CellComparison& cell, const Measure& measure, bool allow_missing) {
  if (const std::optional<GateCell> absent = judge_presence(cell, allow_missing)) return *absent;
  if (const std::optional<GateCell> lost = judge_safety(cell)) return *lost;
  return judge_speed(cell, measure);
}

int rank(const GateCell& cell) {
  if (fails(cell.outcome)) return 0;
  return cell.outcome == GateOutcome::passed ? 2 : 1;
}

}  // namespace

GateResult gate(const Sides& sides, const GateLimits& limits) {
  const std::size_t cells = std::max<std::size_t>(1, timed_cells(sides).size());
  // Only one end of each two-sided interval is tested.
  const double alpha = 2 * kFalseAlarms / static_cast<double>(cells * limits.looks);
  const double for_typical = asks_typical(sides) ? kTypicalShare * alpha : 0;
  const Alphas alphas{.level = alpha - for_typical, .typical = for_typical};
  const Comparison comparison = compare(sides, alphas);
  const bool single = sides.base.size() == 1 && sides.candidate.size() == 1;
  const Measure measure{.limit = 1 + limits.max_slowdown,
                        .machine_changed = single && !comparison.machine.empty(),
                        .alpha = alphas.level,
                        .rounds = sides.paired && sides.base.size() > 1};
  GateResult result{.max_slowdown = limits.max_slowdown,
                    .labels = sides.candidate.back().labels,
                    .method = comparison.method,
                    .only_new = with_verdicts(sides, comparison.only_new),
                    .not_compared = comparison.not_compared,
                    .machine = comparison.machine,
                    .allow_unmeasured = limits.allow_unmeasured};
  add_missing(result, sides, comparison, limits.allow_missing);
  for (const CellComparison& cell : comparison.cells) {
    result.cells.push_back(judge(cell, measure, limits.allow_missing));
    note_gaps(result.cells.back(), cell.candidate);
  }
  sort_by_outcome(result);
  return result;
}

void sort_by_outcome(GateResult& result) {
  std::ranges::stable_sort(result.cells, {}, rank);
}

}  // namespace npyrace
