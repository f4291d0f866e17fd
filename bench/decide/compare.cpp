#include "bench/decide/compare.h"

#include <algorithm>
#include <cmath>

#include "bench/statistics.h"

namespace npyrace {
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

/// Of several runs: damage seen once is damage; and safe seen once, with no damage, is safe: an
/// inconclusive run beside it only had no chance to see.
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

CellSide side_of(const Runs& runs, const std::string& name) {
  CellSide side;
  std::vector<double> medians;
  for (const Measurements& run : runs) {
    const CellSamples* cell = cell_of(run, name);
    if (cell == nullptr) continue;
    ++side.runs;
    side.repetitions += cell->seconds.size();
    if (!cell->seconds.empty()) medians.push_back(median(cell->seconds));
    if (cell->verdict && (!side.verdict || weight(*cell->verdict) > weight(*side.verdict))) {
      side.verdict = cell->verdict;
      side.reason = cell->reason;
    }
  }
  side.seconds = median(medians);
  return side;
}

std::vector<double> logarithms(std::vector<double> values) {
  for (double& value : values) value = std::log(value);
  return values;
}

LogRuns log_runs(const Runs& runs, const std::string& name) {
  LogRuns all;
  for (const Measurements& run : runs)
    if (const CellSamples* cell = cell_of(run, name); cell != nullptr && !cell->seconds.empty())
      all.push_back(logarithms(cell->seconds));
  return all;
}

/// What the machine itself did between the two runs.
std::vector<double> reference_shifts(const Sides& sides) {
  std::vector<double> shifts;
  for (const CellSamples& base : sides.base.front().references)
    if (const CellSamples* fresh = sides.fresh.front().find(base.name))
      if (!base.seconds.empty() && !fresh->seconds.empty())
        shifts.push_back(hodges_lehmann(logarithms(base.seconds), logarithms(fresh->seconds)));
  return shifts;
}

double allowance(const Sides& sides, const std::vector<std::string>& names, double alpha) {
  if (sides.base.size() > 1 || sides.fresh.size() > 1) return 0;
  std::vector<double> shifts;
  for (const std::string& name : names)
    shifts.push_back(
        hodges_lehmann(log_runs(sides.base, name).front(), log_runs(sides.fresh, name).front()));
  return run_allowance(shifts, reference_shifts(sides), alpha);
}

std::optional<Change> change_of(const Sides& sides, const std::string& name, double alpha,
                                double run_allowance) {
  const LogRuns base = log_runs(sides.base, name);
  const LogRuns fresh = log_runs(sides.fresh, name);
  if (base.empty() || fresh.empty()) return std::nullopt;
  const Shift shift = shift_of({base, fresh, alpha, run_allowance});
  return Change{.ratio = std::exp(shift.middle),
                .interval = {std::exp(shift.low), std::exp(shift.high)},
                .known = std::isfinite(shift.low) && std::isfinite(shift.high)};
}

std::string method_of(const Sides& sides) {
  const std::size_t base = sides.base.size();
  const std::size_t fresh = sides.fresh.size();
  if (base > 1 && fresh > 1) return "Welch's t interval of the medians of runs";
  if (base > 1 || fresh > 1)
    return "t interval in which one more run is expected, from the side with several";
  return "one run a side: rank interval of repetitions, widened by how far cells and reference moved; "
         "several runs a side (--base A,B,C --new D,E,F) tell more";
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
  for (const std::string& name : names_in(sides.fresh))
    if (!log_runs(sides.base, name).empty() && !log_runs(sides.fresh, name).empty())
      names.push_back(name);
  return names;
}

Comparison compare(const Sides& sides, double alpha) {
  const std::vector<std::string> base = names_in(sides.base);
  const std::vector<std::string> fresh = names_in(sides.fresh);
  Comparison comparison{.only_base = without(base, fresh),
                        .only_new = without(fresh, base),
                        .confidence = 1 - alpha,
                        .method = method_of(sides)};
  const double run_allowance = allowance(sides, timed_cells(sides), alpha);
  for (const std::string& name : without(fresh, comparison.only_new))
    comparison.cells.push_back({.name = name,
                                .base = side_of(sides.base, name),
                                .fresh = side_of(sides.fresh, name),
                                .change = change_of(sides, name, alpha, run_allowance)});
  std::ranges::stable_sort(comparison.cells, std::greater<>(), &CellComparison::verdict_changed);
  return comparison;
}

}  // namespace npyrace
