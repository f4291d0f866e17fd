// Counts the errors of `gate` with its own code, on repetitions that were recorded on a real, noisy
// machine. Prints the tables of docs/gate-statistics.md; with --check it exits 1 if a claim there
// is wrong.
//
//   npyrace_gate_figures recorded.csv [--check]

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "bench/compare/gate.h"
#include "tests/decide/recorded.h"

namespace {

using namespace npyrace;
using Runs = std::vector<Measurements>;
using Random = std::mt19937_64;

constexpr std::size_t kTrials = 1000;
constexpr std::size_t kPlanted = 0;  ///< index of the cell that is slowed down

double one_of(const std::vector<double>& samples, Random& random) {
  return samples[std::uniform_int_distribution<std::size_t>(0, samples.size() - 1)(random)];
}

/// Draws this many repetitions from those of `from`.
Measurements drawn_run(const Measurements& from, std::size_t repetitions, Random& random) {
  Measurements run = from;
  for (std::size_t i = 0; i < run.cells.size(); ++i) {
    run.cells[i].seconds.clear();
    for (std::size_t n = 0; n < repetitions; ++n)
      run.cells[i].seconds.push_back(one_of(from.cells[i].seconds, random));
  }
  return run;
}

/// All repetitions of all runs together, as on a machine that does not change.
Measurements pooled(const Runs& runs) {
  Measurements all = runs.front();
  for (std::size_t r = 1; r < runs.size(); ++r)
    for (std::size_t i = 0; i < all.cells.size(); ++i)
      all.cells[i].seconds.insert(all.cells[i].seconds.end(), runs[r].cells[i].seconds.begin(),
                                  runs[r].cells[i].seconds.end());
  return all;
}

struct Setting {
  std::string series;
  /// True: repetitions are drawn from those of all runs, as on a machine that does not change.
  /// False: complete runs are drawn.
  bool steady = false;
  std::size_t runs = 1;
  std::size_t repetitions = 20;  ///< per run, if `steady`
  double slowdown = 0;           ///< planted in one cell
  std::string cell;              ///< the only one; empty: all
};

struct Count {
  std::size_t failed = 0;          ///< gates
  std::size_t found = 0;           ///< of the planted cell: slower
  std::size_t not_measurable = 0;  ///< of the planted cell
  std::size_t cells = 0, cells_not_measurable = 0;
};

Runs draw(const Runs& recorded, const Measurements& all, const Setting& setting, Random& random,
          std::vector<std::size_t>& order) {
  Runs runs;
  for (std::size_t i = 0; i < setting.runs; ++i) {
    if (setting.steady) {
      runs.push_back(drawn_run(all, setting.repetitions, random));
      continue;
    }
    runs.push_back(recorded[order.back()]);
    order.pop_back();
  }
  return runs;
}

void keep_cell(Runs& runs, const std::string& name) {
  if (name.empty()) return;
  for (Measurements& run : runs)
    std::erase_if(run.cells, [&](const CellSamples& cell) { return cell.name != name; });
}

void plant(Runs& runs, double slowdown) {
  for (Measurements& run : runs)
    for (double& seconds : run.cells[kPlanted].seconds) seconds *= 1 + slowdown;
}

Count simulate(const Runs& recorded_runs, const Setting& setting, double max_slowdown) {
  Runs recorded = recorded_runs;
  keep_cell(recorded, setting.cell);
  const Measurements all = pooled(recorded);
  Random random(1);
  Count count;
  for (std::size_t trial = 0; trial < kTrials; ++trial) {
    std::vector<std::size_t> order(recorded.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::shuffle(order, random);
    Sides sides;
    sides.base = draw(recorded, all, setting, random, order);
    sides.candidate = draw(recorded, all, setting, random, order);
    plant(sides.candidate, setting.slowdown);
    const GateResult result = gate(sides, {max_slowdown});
    count.failed += result.failed();
    for (const GateCell& cell : result.cells) {
      ++count.cells;
      count.cells_not_measurable += cell.outcome == GateOutcome::not_measurable;
      if (cell.name != recorded[0].cells[kPlanted].name) continue;
      count.found += cell.outcome == GateOutcome::slower;
      count.not_measurable += cell.outcome == GateOutcome::not_measurable;
    }
  }
  return count;
}

double percent(std::size_t part, std::size_t whole) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

bool false_alarms(const Recorded& recorded) {
  bool right = true;
  fmt::print(
      "| series | runs a side | repetitions | gates that fail | cells not measurable |\n"
      "|---|--:|--:|--:|--:|\n");
  for (const auto& [series, runs] : recorded)
    for (const std::size_t side : {1, 3, 5, 10}) {
      if (2 * side > runs.size()) continue;
      const Count count = simulate(runs, {.series = series, .runs = side}, 0.05);
      fmt::print("| {} | {} | 20 | {:.1f} % | {:.0f} % |\n", series, side,
                 percent(count.failed, kTrials), percent(count.cells_not_measurable, count.cells));
      right = right && percent(count.failed, kTrials) <= 1;
    }
  return right;
}

std::vector<double> logarithms(std::vector<double> samples) {
  for (double& sample : samples) sample = std::log(sample);
  return samples;
}

/// Whether a gate without widening for differences between runs would fail.
bool naive_alarm(const Measurements& base, const Measurements& candidate) {
  const double alpha = 2 * kFalseAlarms / static_cast<double>(base.cells.size());
  for (std::size_t i = 0; i < base.cells.size(); ++i) {
    const Interval interval = rank_interval(logarithms(base.cells[i].seconds),
                                            logarithms(candidate.cells[i].seconds), alpha);
    if (interval.low > std::log(1.05)) return true;
  }
  return false;
}

void without_widening(const Recorded& recorded) {
  for (const auto& [series, runs] : recorded) {
    std::size_t alarms = 0;
    for (const Measurements& base : runs)
      for (const Measurements& candidate : runs)
        alarms += &base != &candidate && naive_alarm(base, candidate);
    fmt::print("{}: {:.0f} % of pairs of runs fail where repetitions are taken for all there is\n",
               series, percent(alarms, runs.size() * (runs.size() - 1)));
  }
}

struct Planted {
  const char* series;
  const char* cell;
  std::size_t runs, repetitions;
  bool enough;  ///< the document says that this finds 95 %
};

constexpr Planted kPlantings[] = {
    {"tmpfs", "pwrite-batch packed", 10, 20, false},
    {"tmpfs", "pwrite-batch packed", 10, 80, false},
    {"tmpfs", "pwrite-batch packed", 10, 160, true},
    {"tmpfs", "pwrite packed", 10, 80, false},
    {"tmpfs", "pwrite packed", 10, 160, true},
    {"tmpfs", "mmap packed", 20, 80, false},
    {"tmpfs", "mmap packed", 20, 320, true},
    {"ext4", "pwrite packed", 20, 80, false},
    {"ext4", "pwrite packed", 20, 320, true},
};

/// How often a slowdown of one cell is found in complete recorded runs.
void found_in_real_runs(const Recorded& recorded) {
  fmt::print(
      "| series | runs a side | +25 % found | +100 % found | +300 % found |\n|---|--:|--:|--:|--:|\n");
  for (const auto& [series, runs] : recorded)
    for (const std::size_t side : {1, 3, 5, 10}) {
      if (2 * side > runs.size()) continue;
      std::string row = fmt::format("| {} | {} |", series, side);
      for (const double slowdown : {0.25, 1.0, 3.0}) {
        const Count count =
            simulate(runs, {.series = series, .runs = side, .slowdown = slowdown}, 0.05);
        row += fmt::format(" {:.0f} % |", percent(count.found, kTrials));
      }
      fmt::print("{}\n", row);
    }
}

bool planted(const Recorded& recorded) {
  bool right = true;
  fmt::print(
      "| series | cell | runs a side | repetitions a run | found | not measurable | alarms without it |\n"
      "|---|---|--:|--:|--:|--:|--:|\n");
  for (const Planted& one : kPlantings) {
    Setting setting{.series = one.series,
                    .steady = true,
                    .runs = one.runs,
                    .repetitions = one.repetitions,
                    .slowdown = 0.1,
                    .cell = one.cell};
    const Runs& runs = recorded.at(one.series);
    const Count with = simulate(runs, setting, 0.05);
    setting.slowdown = 0;
    const Count without = simulate(runs, setting, 0.05);
    fmt::print("| {} | {} | {} | {} | {:.1f} % | {:.1f} % | {:.1f} % |\n", one.series, one.cell,
               one.runs, one.repetitions, percent(with.found, kTrials),
               percent(with.not_measurable, kTrials), percent(without.failed, kTrials));
    right = right && percent(without.failed, kTrials) <= 1 &&
            (percent(with.found, kTrials) >= 95) == one.enough;
  }
  return right;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: npyrace_gate_figures recorded.csv [--check]\n");
    return 2;
  }
  const Recorded recorded = read_recorded(argv[1]);
  fmt::print("The same twice, at --max-slowdown 5%: false alarms\n\n");
  const bool quiet = false_alarms(recorded);
  fmt::print("\n");
  without_widening(recorded);
  fmt::print("\nOne cell (mmap packed) of recorded runs slowed down\n\n");
  found_in_real_runs(recorded);
  fmt::print("\nOne cell 10 % slower on a machine that does not change\n\n");
  const bool sharp = planted(recorded);
  const bool check = argc > 2 && std::strcmp(argv[2], "--check") == 0;
  return check && !(quiet && sharp) ? 1 : 0;
}
