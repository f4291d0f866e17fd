#include "bench/compare/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include "bench/analysis/statistics.h"
#include "bench/compare/shift.h"
#include "bench/compare/slow_share.h"

namespace npyrace {
namespace {

using Runs = std::vector<Measurements>;

constexpr double kNoticeable = 1.1;
/// Smallest change of a reference that is reported if there are too few repetitions for an
/// interval.
constexpr double kPlain = 1.25;
constexpr double kAlpha = 0.01;

/// Logarithms of the times; runs without times are omitted.
LogRuns times_of(const Runs& runs, const std::string& name, bool repetitions) {
  LogRuns all;
  for (const Measurements& run : runs) {
    const CellSamples* reference = run.find(name);
    if (reference == nullptr || reference->seconds.empty()) continue;
    if (!repetitions) {
      all.push_back({std::log(median(reference->seconds))});
      continue;
    }
    std::vector<double>& logs = all.emplace_back();
    for (const double seconds : reference->seconds) logs.push_back(std::log(seconds));
  }
  return all;
}

/// Ratio of a reference between the sides; nothing if it is not significant.
std::optional<double> factor_of(const Sides& sides, const std::string& name) {
  const bool single = sides.base.size() == 1 && sides.candidate.size() == 1;
  ShiftQuestion question{.base = times_of(sides.base, name, single),
                         .candidate = times_of(sides.candidate, name, single),
                         .alpha = kAlpha};
  if (question.base.empty() || question.candidate.empty()) return std::nullopt;
  question.paired = sides.paired && !single && question.base.size() == question.candidate.size();
  const Shift shift = shift_of(question);
  const bool known = std::isfinite(shift.low) && std::isfinite(shift.high);
  const double least = known ? std::max(shift.low, -shift.high) : std::abs(shift.middle);
  const double wanted = std::log(known ? kNoticeable : kPlain);
  return least > wanted ? std::optional(std::exp(shift.middle)) : std::nullopt;
}

std::uint64_t processors_of(const Runs& runs) {
  return runs.front().processors;
}

std::string processors_text(const Sides& sides) {
  const std::uint64_t base = processors_of(sides.base), candidate = processors_of(sides.candidate);
  if (base == 0 || candidate == 0 || base == candidate) return "";
  return fmt::format("BASE was measured on {} processors, NEW on {}", base, candidate);
}

}  // namespace

std::string machine_change(const Sides& sides) {
  if (!sides.base.front().relative_to.empty()) return "";
  std::vector<std::string> moved;
  for (const CellSamples& reference : sides.base.front().references)
    if (const std::optional<double> factor = factor_of(sides, reference.name))
      moved.push_back(fmt::format("{} takes {:.2g} times as long", reference.name, *factor));
  if (const std::string text = processors_text(sides); !text.empty()) moved.push_back(text);
  if (moved.empty()) return "";
  const bool references = !sides.base.front().references.empty();
  return fmt::format(
      "the machine itself changed: {}. The times of all cells are affected: --relative-to {} removes that",
      fmt::join(moved, ", "), references ? "reference" : "CELL, a benchmark that nobody changed,");
}

namespace {

using Runs = std::vector<Measurements>;

std::vector<std::string> names_in(const Runs& runs) {
  std::vector<std::string> names;
  for (const Measurements& run : runs)
    for (const CellSamples& cell : run.cells)
      if (std::ranges::count(names, cell.name) == 0) names.push_back(cell.name);
  return names;
}

const CellSamples* cell_of(const Measurements& run, const std::string& name) {
  const auto cell = std::ranges::find(run.cells, name, &CellSamples::name);
  return cell == run.cells.end() ? nullptr : &*cell;
}

/// The worst verdict of several runs, except that safe outranks inconclusive: damage seen once is
/// damage, and an inconclusive run beside a safe one only had too few trials.
int weight(Verdict verdict) {
  switch (verdict) {
    case Verdict::unsafe:
      return 4;
    case Verdict::failed:
      return 3;
    case Verdict::safe:
      return 2;
    case Verdict::inconclusive:
      return 1;
    case Verdict::skipped:
      return 0;
  }
  return 0;
}

/// True if a side has several runs; each run is then reduced to one number.
bool several(const Sides& sides) {
  return sides.base.size() > 1 || sides.candidate.size() > 1;
}

/// Reduces each run of a cell to one number, by a method that all runs of both sides support.
struct Leveller {
  LevelBasis basis = LevelBasis::repetitions;
  std::size_t most = 0;  ///< number of generations

  double operator()(const CellSamples& cell) const { return level_of(cell, basis, most); }
};

/// With one run per side uses all repetitions.
Leveller leveller_of(const Sides& sides, const std::string& name) {
  if (!several(sides)) return {};
  Leveller level{.basis = LevelBasis::generations, .most = std::size_t(-1)};
  for (const Runs* runs : {&sides.base, &sides.candidate})
    for (const Measurements& run : *runs)
      if (const CellSamples* cell = cell_of(run, name); cell != nullptr && !cell->seconds.empty())
        level.most = std::min(level.most, cell->generations.size());
  return level.most > 0 ? level : Leveller{};
}

CellSide side_of(const Runs& runs, const std::string& name, const Leveller& level) {
  CellSide side;
  std::vector<double> levels;
  for (const Measurements& run : runs) {
    const CellSamples* cell = cell_of(run, name);
    if (cell == nullptr) {
      ++side.runs_without;
      continue;
    }
    ++side.runs;
    if (side.trouble.empty()) side.trouble = cell->trouble;
    side.has_times = side.has_times || !cell->seconds.empty();
    side.repetitions += cell->seconds.size();
    if (!cell->seconds.empty()) levels.push_back(level(*cell));
    if (cell->verdict && (!side.verdict || weight(*cell->verdict) > weight(*side.verdict))) {
      side.verdict = cell->verdict;
      side.reason = cell->reason;
    }
  }
  side.seconds = median(levels);
  return side;
}

std::vector<double> logarithms(std::vector<double> values) {
  for (double& value : values) value = std::log(value);
  return values;
}

bool has_times(const Measurements& run, const std::string& name) {
  const CellSamples* cell = cell_of(run, name);
  return cell != nullptr && !cell->seconds.empty();
}

/// All repetitions with one run per side, else one number per run.
std::vector<double> log_samples(const CellSamples& cell, bool several, const Leveller& level) {
  if (!several) return logarithms(cell.seconds);
  return {std::log(level(cell))};
}

/// Extracts the samples of one run for a cell.
using Take = std::function<std::vector<double>(const CellSamples&)>;

struct Taken {
  LogRuns base, candidate;
};

/// A round counts only if both of its runs have times.
Taken take(const Sides& sides, const std::string& name, const Take& of) {
  const auto samples_of = [&](const Runs& runs, const Runs& others) {
    const auto other_has = [&](std::size_t i) {
      return !sides.paired || (i < others.size() && has_times(others[i], name));
    };
    LogRuns samples;
    for (std::size_t i = 0; i < runs.size(); ++i)
      if (has_times(runs[i], name) && other_has(i)) samples.push_back(of(*cell_of(runs[i], name)));
    return samples;
  };
  return {samples_of(sides.base, sides.candidate), samples_of(sides.candidate, sides.base)};
}

ShiftQuestion question_of(const Sides& sides, const std::string& name, const Take& of) {
  const Taken taken = take(sides, name, of);
  return {
      .base = taken.base, .candidate = taken.candidate, .paired = sides.paired && several(sides)};
}

/// Changes of the machine's references between the two runs.
std::vector<double> reference_shifts(const Sides& sides) {
  std::vector<double> shifts;
  for (const CellSamples& base : sides.base.front().references)
    if (const CellSamples* candidate = sides.candidate.front().find(base.name))
      if (!base.seconds.empty() && !candidate->seconds.empty())
        shifts.push_back(hodges_lehmann(logarithms(base.seconds), logarithms(candidate->seconds)));
  return shifts;
}

bool has_times_somewhere(const Runs& runs, const std::string& name) {
  return std::ranges::any_of(runs, [&](const Measurements& run) { return has_times(run, name); });
}

double allowance(const Sides& sides, const std::vector<std::string>& names, double alpha) {
  if (several(sides)) return 0;
  std::vector<double> shifts;
  for (const std::string& name : names) {
    const ShiftQuestion question =
        question_of(sides, name, [](const CellSamples& cell) { return logarithms(cell.seconds); });
    shifts.push_back(hodges_lehmann(question.base.front(), question.candidate.front()));
  }
  return run_allowance(shifts, reference_shifts(sides), alpha);
}

std::optional<Change> change_of(ShiftQuestion question, double alpha) {
  if (question.base.empty() || question.candidate.empty()) return std::nullopt;
  question.alpha = alpha;
  const Shift shift = shift_of(question);
  return Change{.ratio = std::exp(shift.middle),
                .interval = {std::exp(shift.low), std::exp(shift.high)},
                .known = std::isfinite(shift.low) && std::isfinite(shift.high)};
}

std::optional<Change> level_change(const Sides& sides, const std::string& name,
                                   const Leveller& level, double alpha, double run_allowance) {
  ShiftQuestion question = question_of(sides, name, [&](const CellSamples& cell) {
    return log_samples(cell, several(sides), level);
  });
  question.run_allowance = run_allowance;
  return change_of(question, alpha);
}

/// If the estimate is a low quantile, most generations could become slower without affecting it; so
/// the median is compared, too.
std::optional<Change> typical_change(const Sides& sides, const std::string& name,
                                     const Leveller& level, double alpha) {
  if (level.basis != LevelBasis::generations) return std::nullopt;
  const auto median_of = [&](const CellSamples& cell) {
    return std::vector{std::log(typical_of(cell, level.most))};
  };
  return change_of(question_of(sides, name, median_of), alpha);
}

std::optional<SlowShare> slow_share_of(const Sides& sides, const std::string& name,
                                       const Leveller& level, double alpha) {
  constexpr std::size_t kFewest = 10;  // with fewer generations a share is meaningless
  const Taken taken = take(sides, name, [&](const CellSamples& cell) {
    return level.basis == LevelBasis::generations ? cell.generations : cell.seconds;
  });
  for (const LogRuns* runs : {&taken.base, &taken.candidate}) {
    const bool few =
        std::ranges::any_of(*runs, [](const auto& run) { return run.size() < kFewest; });
    if (runs->empty() || few) return std::nullopt;
  }
  return slow_share(taken.base, taken.candidate, sides.paired && several(sides), alpha);
}

std::string method_of(const Sides& sides) {
  const std::size_t base = sides.base.size();
  const std::size_t candidate = sides.candidate.size();
  if (sides.paired && base > 1)
    return fmt::format("signed-rank interval of {} rounds, base and new in turns", base);
  if (base > 1 && candidate > 1)
    return "Welch's t interval of runs; if they were measured in turns, --paired tells more";
  if (base > 1 || candidate > 1)
    return "t interval in which one more run is expected, from the side with several";
  return "one run a side: rank interval of repetitions, widened by how far cells and reference moved; "
         "runs in turns (--paired) tell more";
}

std::vector<std::string> set_aside_by(const Sides& sides) {
  std::vector<std::string> words;
  for (const Runs* runs : {&sides.base, &sides.candidate})
    for (const Measurements& run : *runs)
      for (const std::string& one : run.set_aside)
        if (std::ranges::count(words, one) == 0) words.push_back(one);
  return words;
}

std::vector<std::string> without(const std::vector<std::string>& names,
                                 const std::vector<std::string>& others) {
  std::vector<std::string> rest;
  for (const std::string& name : names)
    if (std::ranges::count(others, name) == 0) rest.push_back(name);
  return rest;
}

}  // namespace

std::vector<std::string> timed_cells(const Sides& sides) {
  std::vector<std::string> names;
  for (const std::string& name : names_in(sides.candidate))
    if (has_times_somewhere(sides.base, name) && has_times_somewhere(sides.candidate, name))
      names.push_back(name);
  return names;
}

bool asks_typical(const Sides& sides) {
  return std::ranges::any_of(timed_cells(sides), [&](const std::string& name) {
    return leveller_of(sides, name).basis == LevelBasis::generations;
  });
}

Comparison compare(const Sides& sides, const Alphas& alphas) {
  const std::vector<std::string> base = names_in(sides.base);
  const std::vector<std::string> candidate = names_in(sides.candidate);
  Comparison comparison{.only_base = without(base, candidate),
                        .only_new = without(candidate, base),
                        .confidence = 1 - alphas.level,
                        .method = method_of(sides),
                        .not_compared = set_aside_by(sides),
                        .machine = machine_change(sides)};
  const double run_allowance = allowance(sides, timed_cells(sides), alphas.level);
  for (const std::string& name : without(candidate, comparison.only_new)) {
    const Leveller level = leveller_of(sides, name);
    comparison.cells.push_back(
        {.name = name,
         .base = side_of(sides.base, name, level),
         .candidate = side_of(sides.candidate, name, level),
         .change = level_change(sides, name, level, alphas.level, run_allowance),
         .typical = typical_change(sides, name, level, alphas.typical),
         .slow = slow_share_of(sides, name, level, alphas.level)});
  }
  std::ranges::stable_sort(comparison.cells, std::greater<>(), &CellComparison::verdict_changed);
  return comparison;
}

}  // namespace npyrace
