// Counts the errors of `gate` on rounds and the number of rounds it needs, with its own code, on
// rounds of the same program that were recorded on a noisy machine. Prints the tables of
// docs/gate-statistics.md, which check_document.py compares; with --check it exits 1 if there are
// too many false alarms.
//
//   npyrace_round_figures rounds.csv [--check]

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <optional>
#include <random>

#include "bench/analysis/statistics.h"
#include "bench/compare/gate.h"
#include "bench/compare/rerun.h"
#include "tests/decide/drawn_rounds.h"

namespace {

using namespace npyrace;
using Random = std::mt19937_64;
using SeriesMap = std::map<std::string, RecordedSeries>;

double least(const std::vector<double>& samples) {
  return *std::ranges::min_element(samples);
}

const Statistic kMedianOfRepetitions{
    "median of repetitions", [](const RecordedCell& cell) { return median(cell.repetitions); }};
/// The statistic of level_of.
const Statistic kWall{"wall 5 %", [](const RecordedCell& cell) { return cell.wall[0]; },
                      [](const RecordedCell& cell) -> const auto& {return cell.wall;
}  // namespace
}
;
const Statistic kCpu{"cpu 5 %", [](const RecordedCell& cell) { return cell.cpu[0]; },
                     [](const RecordedCell& cell) -> const auto& {return cell.cpu;
}
}
;

const Statistic kTried[] = {
    kMedianOfRepetitions,
    {"least of repetitions", [](const RecordedCell& cell) { return least(cell.repetitions); }},
    kWall,
    {"wall 10 %", [](const RecordedCell& cell) { return cell.wall[1]; }},
    {"wall 25 %", [](const RecordedCell& cell) { return cell.wall[2]; }},
    {"wall 50 %", [](const RecordedCell& cell) { return cell.wall[3]; }},
    kCpu,
    {"cpu 10 %", [](const RecordedCell& cell) { return cell.cpu[1]; }},
    {"cpu 25 %", [](const RecordedCell& cell) { return cell.cpu[2]; }},
    {"cpu 50 %", [](const RecordedCell& cell) { return cell.cpu[3]; }},
};

double share(std::size_t part, std::size_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

void choose(const SeriesMap& recorded) {
  fmt::print("| a run is taken for |");
  for (const auto& [name, series] : recorded)
    fmt::print(" {}, odd rounds | {}, even |", name, name);
  fmt::print("\n|---|");
  for (std::size_t i = 0; i < recorded.size(); ++i) fmt::print("--:|--:|");
  fmt::print("\n");
  for (const Statistic& one : kTried) {
    fmt::print("| {} |", one.name);
    for (const auto& [name, series] : recorded)
      for (const bool odd : {true, false}) fmt::print(" {:.3f} |", scatter(series.half(odd), one));
    fmt::print("\n");
  }
}

/// Compares more, shorter runs with fewer, longer ones: runs of k of the 5 repetitions. The measure
/// is scatter² × time.
void shorter_runs(const SeriesMap& recorded) {
  fmt::print(
      "| repetitions a run | wall: scatter | × √repetitions | cpu: scatter | × √repetitions |\n");
  fmt::print("|--:|--:|--:|--:|--:|\n");
  for (std::size_t k = 0; k < 5; ++k) {
    const Statistic wall{"", [k](const RecordedCell& cell) { return cell.wall_first[k]; }};
    const Statistic cpu{"", [k](const RecordedCell& cell) { return cell.cpu_first[k]; }};
    double walls = 0, cpus = 0;
    for (const auto& [name, series] : recorded) {
      walls += std::log(scatter(series.half(true), wall)) / static_cast<double>(recorded.size());
      cpus += std::log(scatter(series.half(true), cpu)) / static_cast<double>(recorded.size());
    }
    const double root = std::sqrt(static_cast<double>(k + 1));
    fmt::print("| {} | {:.3f} | {:.3f} | {:.3f} | {:.3f} |\n", k + 1, std::exp(walls),
               root * std::exp(walls), std::exp(cpus), root * std::exp(cpus));
  }
}

constexpr std::size_t kTrials = 1000;

struct Alarms {
  double failed = 0, not_measurable = 0;
};

Alarms alarms(const RecordedSeries& series, const Statistic& statistic, std::size_t rounds,
              double limit, bool paired) {
  DrawnRounds source(series, statistic, "", {});
  Random random(1);
  std::size_t failed = 0, unknown = 0, cells = 0;
  for (std::size_t trial = 0; trial < kTrials; ++trial) {
    Sides sides = source.draw(rounds, random);
    sides.paired = paired;
    const GateResult result = gate(sides, {limit});
    failed += result.failed();
    cells += result.cells.size();
    unknown += static_cast<std::size_t>(
        std::ranges::count(result.cells, GateOutcome::not_measurable, &GateCell::outcome));
  }
  return {100 * share(failed, kTrials), 100 * share(unknown, cells)};
}

bool false_alarms(const SeriesMap& recorded) {
  bool right = true;
  fmt::print(
      "| series | time | rounds | alarms at 2 % | alarms at 5 % | alarms at 10 % | cells not measurable "
      "at 2, 5, 10 % |\n|---|---|--:|--:|--:|--:|--:|\n");
  for (const auto& [name, series] : recorded)
    for (const auto& [time, statistic] : {std::pair("wall", &kWall), std::pair("cpu", &kCpu)})
      for (const std::size_t rounds : {3, 5, 10, 20, 40}) {
        std::string row, unknown;
        for (const double limit : {0.02, 0.05, 0.10}) {
          const Alarms seen = alarms(series.half(false), *statistic, rounds, limit, true);
          row += fmt::format(" {:.1f} % |", seen.failed);
          unknown += fmt::format("{}{:.0f}", unknown.empty() ? "" : ", ", seen.not_measurable);
          right = right && seen.failed <= 1;
        }
        fmt::print("| {} | {} | {} |{} {} % |\n", name, time, rounds, row, unknown);
      }
  return right;
}

/// How often the planted cell is found. Only this cell is computed, at its share of the error rate
/// as if all cells were compared.
double found(const RecordedSeries& series, const Statistic& statistic, const std::string& cell,
             std::size_t rounds, const Planted& planted, double limit, bool paired = true) {
  constexpr std::size_t kFewer = 400;
  DrawnRounds source(series, statistic, cell, planted);
  Random random(2);
  std::size_t count = 0;
  for (std::size_t trial = 0; trial < kFewer; ++trial) {
    Sides sides = source.draw(rounds, random);
    sides.paired = paired;
    const GateLimits limits{.max_slowdown = limit, .looks = series.cells.size()};
    count += gate(sides, limits).cells[0].outcome == GateOutcome::slower;
  }
  return 100 * share(count, kFewer);
}

/// Over all cells.
double found_of_all(const SeriesMap& recorded, const Statistic& statistic, std::size_t rounds,
                    const Planted& planted, bool paired) {
  double sum = 0, cells = 0;
  for (const auto& [name, series] : recorded)
    for (const std::string& cell : series.cells) {
      sum += found(series.half(false), statistic, cell, rounds, planted, 0.05, paired);
      ++cells;
    }
  return sum / cells;
}

void what_each_step_brings(const SeriesMap& recorded) {
  fmt::print(
      "| a run is taken for | judged | +10 %, 20 rounds | +10 %, 40 | +25 %, 20 | +25 %, 40 |\n");
  fmt::print("|---|---|--:|--:|--:|--:|\n");
  for (const Statistic* one : {&kMedianOfRepetitions, &kWall, &kCpu})
    for (const bool paired : {false, true}) {
      fmt::print("| {} | {} |", one->name, paired ? "as rounds" : "apart");
      for (const double slowdown : {0.1, 0.25})
        for (const std::size_t rounds : {20, 40})
          fmt::print(" {:.0f} % |",
                     found_of_all(recorded, *one, rounds, {.all = slowdown}, paired));
      fmt::print("\n");
    }
}

/// The recorded rounds themselves, each used once.
bool as_recorded(const SeriesMap& recorded) {
  bool right = true;
  fmt::print(
      "| series | time | judged | rounds | passed | slower | not measurable |\n"
      "|---|---|---|--:|--:|--:|--:|\n");
  for (const auto& [name, series] : recorded)
    for (const auto& [time, statistic] : {std::pair("wall", &kWall), std::pair("cpu", &kCpu)})
      for (const bool paired : {true, false}) {
        Sides sides = DrawnRounds(series, *statistic, "", {}).recorded();
        sides.paired = paired;
        const GateResult result = gate(sides, {0.05});
        fmt::print("| {} | {} | {} | {} |", name, time, paired ? "as rounds" : "apart",
                   series.rounds.size());
        for (const GateOutcome outcome :
             {GateOutcome::passed, GateOutcome::slower, GateOutcome::not_measurable})
          fmt::print(" {} of {} |", std::ranges::count(result.cells, outcome, &GateCell::outcome),
                     result.cells.size());
        fmt::print("\n");
        right = right && !result.failed();
      }
  return right;
}

void but_for_the_quickest(const SeriesMap& recorded) {
  fmt::print(
      "| time | rounds | +50 % found | +100 % found | +200 % found |\n|---|--:|--:|--:|--:|\n");
  for (const auto& [time, statistic] : {std::pair("wall", &kWall), std::pair("cpu", &kCpu)})
    for (const std::size_t rounds : {10, 20, 40}) {
      fmt::print("| {} | {} |", time, rounds);
      for (const double slowdown : {0.5, 1.0, 2.0})
        fmt::print(" {:.0f} % |",
                   found_of_all(recorded, *statistic, rounds, {.slower = slowdown}, true));
      fmt::print("\n");
    }
}

constexpr std::size_t kCounts[] = {5,  6,  8,  10,  12,  15,  20,  25,  30, 40,
                                   50, 60, 80, 100, 120, 150, 200, 250, 300};

std::optional<std::size_t> rounds_for(const RecordedSeries& series, const Statistic& statistic,
                                      const std::string& cell, double slowdown, double limit) {
  const auto enough = [&](std::size_t rounds) {
    return found(series, statistic, cell, rounds, {.all = slowdown}, limit) >= 95;
  };
  const auto first =
      std::ranges::partition_point(kCounts, [&](std::size_t rounds) { return !enough(rounds); });
  return first == std::end(kCounts) ? std::nullopt : std::optional(*first);
}

std::string words(std::optional<std::size_t> rounds) {
  return rounds ? fmt::format("{}", *rounds) : "over 300";
}

void rounds_it_takes(const SeriesMap& recorded) {
  fmt::print(
      "| series | cell | time | scatter | +10 % at 2 % | +10 % at 5 % | +25 % at 5 % | +50 % at 5 % |\n"
      "|---|---|---|--:|--:|--:|--:|--:|\n");
  for (const auto& [name, series] : recorded)
    for (const auto& [time, statistic] : {std::pair("wall", &kWall), std::pair("cpu", &kCpu)})
      for (const std::string& cell : series.cells) {
        const RecordedSeries half = series.half(false);
        std::string row;
        for (const auto& [slowdown, limit] : {std::pair(0.1, 0.02), std::pair(0.1, 0.05),
                                              std::pair(0.25, 0.05), std::pair(0.5, 0.05)})
          row += fmt::format(" {} |", words(rounds_for(half, *statistic, cell, slowdown, limit)));
        fmt::print("| {} | {} | {} | {:.3f} |{}\n", name, cell, time,
                   scatter(half, *statistic, cell), row);
      }
}

/// The number of rounds that a gate estimates to be enough, and how often it is enough.
struct Needed {
  double median_rounds = 0, enough = 0, half_enough = 0;
};

bool is_measurable(DrawnRounds& source, std::size_t rounds, const GateLimits& limits,
                   Random& random) {
  const GateResult result = gate(source.draw(rounds, random), limits);
  return result.cells[0].outcome != GateOutcome::not_measurable;
}

Needed needed(const RecordedSeries& series, const Statistic& statistic, const std::string& cell) {
  constexpr std::size_t kSeen = 12, kFewer = 200;
  constexpr std::uint64_t kMost = 400;
  DrawnRounds source(series, statistic, cell, {});
  const GateLimits limits{.max_slowdown = 0.05, .looks = series.cells.size()};
  Random random(4);
  std::vector<double> counts;
  std::size_t enough = 0, half_enough = 0;
  for (std::size_t trial = 0; trial < kFewer; ++trial) {
    const GateCell seen = gate(source.draw(kSeen, random), limits).cells[0];
    if (seen.outcome != GateOutcome::not_measurable || seen.runs_needed > kMost) continue;
    counts.push_back(static_cast<double>(seen.runs_needed));
    enough += is_measurable(source, seen.runs_needed, limits, random);
    half_enough += is_measurable(source, seen.runs_needed / 2, limits, random);
  }
  if (2 * counts.size() < kFewer) return {};  // measurable from the start, or never
  return {median(counts), 100 * share(enough, counts.size()),
          100 * share(half_enough, counts.size())};
}

void what_would_do(const SeriesMap& recorded) {
  fmt::print(
      "| series | cell | time | rounds that would do, by 12 | they do | half of them do |\n");
  fmt::print("|---|---|---|--:|--:|--:|\n");
  for (const auto& [name, series] : recorded)
    for (const auto& [time, statistic] : {std::pair("wall", &kWall), std::pair("cpu", &kCpu)})
      for (const std::string& cell : series.cells) {
        const Needed said = needed(series.half(false), *statistic, cell);
        if (said.median_rounds > 0)
          fmt::print("| {} | {} | {} | {:.0f} | {:.0f} % | {:.0f} % |\n", name, cell, time,
                     said.median_rounds, said.enough, said.half_enough);
      }
}

/// The same with the interim analyses of --rerun, until all cells are decided.
struct Reruns {
  double failed = 0, found = 0, mean_rounds = 0;
};

GateResult all_suspect(const RecordedSeries& series) {
  GateResult first;
  for (const std::string& cell : series.cells)
    first.cells.push_back({.name = cell, .outcome = GateOutcome::not_measurable});
  return first;
}

Reruns reruns(const RecordedSeries& series, const Statistic& statistic, std::size_t rounds,
              double slowdown, double limit) {
  DrawnRounds source(series, statistic, "", {.all = slowdown});
  const GateResult first = all_suspect(series);
  const std::vector<std::uint64_t> looks = looks_at(rounds);
  Random random(3);
  std::size_t failed = 0, slower = 0, used = 0;
  for (std::size_t trial = 0; trial < kTrials; ++trial) {
    Sides sides;
    GateResult again;
    for (const std::uint64_t look : looks) {
      source.grow(sides, look, random);
      again = gate(sides, {.max_slowdown = limit, .looks = looks.size()});
      if (settled(first, again)) break;
    }
    failed += again.failed();
    slower += static_cast<std::size_t>(
        std::ranges::count(again.cells, GateOutcome::slower, &GateCell::outcome));
    used += sides.base.size();
  }
  return {100 * share(failed, kTrials), 100 * share(slower, kTrials * series.cells.size()),
          share(used, kTrials)};
}

bool ends_early(const SeriesMap& recorded) {
  bool right = true;
  fmt::print(
      "| series | time | rounds, at most | alarms | rounds used | all 10 % slower: cells found | "
      "rounds used |\n"
      "|---|---|--:|--:|--:|--:|--:|\n");
  for (const auto& [name, series] : recorded)
    for (const auto& [time, statistic] : {std::pair("wall", &kWall), std::pair("cpu", &kCpu)})
      for (const std::size_t rounds : {20, 40}) {
        const RecordedSeries half = series.half(false);
        const Reruns same = reruns(half, *statistic, rounds, 0, 0.05);
        const Reruns worse = reruns(half, *statistic, rounds, 0.1, 0.05);
        fmt::print("| {} | {} | {} | {:.1f} % | {:.1f} | {:.0f} % | {:.1f} |\n", name, time, rounds,
                   same.failed, same.mean_rounds, worse.found, worse.mean_rounds);
        right = right && same.failed <= 1;
      }
  return right;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: npyrace_round_figures rounds.csv [--check]\n");
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const SeriesMap recorded = read_rounds(argv[1]);
  for (const auto& [name, series] : recorded)
    fmt::print("{}: {} rounds of {} cells\n", name, series.rounds.size(), series.cells.size());
  fmt::print(
      "\nScatter (root mean square) of the logarithm of new over base within a round, same twice\n\n");
  choose(recorded);
  fmt::print("\nMore, shorter runs?\n\n");
  shorter_runs(recorded);
  fmt::print("\nThe same twice\n\n");
  const bool quiet = false_alarms(recorded);
  fmt::print("\nThe recorded rounds themselves, at 5 %\n\n");
  const bool fair = as_recorded(recorded);
  fmt::print("\nWhat each step brings: found of one cell planted, mean over cells, at 5 %\n\n");
  what_each_step_brings(recorded);
  fmt::print("\nAll generations but the quickest twentieth slower, mean over cells, at 5 %\n\n");
  but_for_the_quickest(recorded);
  fmt::print("\nRounds until 95 % of planted slowdowns are found\n\n");
  rounds_it_takes(recorded);
  fmt::print("\nRounds that would do, at 5 %\n\n");
  what_would_do(recorded);
  fmt::print("\nRounds that end as soon as they have told, at 5 %\n\n");
  const bool early = ends_early(recorded);
  const bool check = argc > 2 && std::strcmp(argv[2], "--check") == 0;
  return check && !(quiet && fair && early) ? 1 : 0;
}
