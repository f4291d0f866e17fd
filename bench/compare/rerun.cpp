#include "bench/compare/rerun.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>

#include "bench/compare/gate.h"
#include "core/base/error.h"
#include "core/os/process.h"
#include "core/os/shell.h"
#include "core/os/temporary_folder.h"

namespace npyrace {
namespace {

/// True if further rounds could not change the outcome.
bool is_clear(const GateCell& cell, double max_slowdown) {
  if (fails(cell.outcome)) return true;
  return cell.outcome == GateOutcome::passed &&
         (!cell.change || cell.change->interval.high <= 1 + max_slowdown);
}

/// Excludes lost safety, which is final, and cells that did not run, which is not noise.
bool is_asked_again(const GateCell& cell) {
  return cell.outcome == GateOutcome::slower || cell.outcome == GateOutcome::drifted ||
         cell.outcome == GateOutcome::not_proven || cell.outcome == GateOutcome::not_measurable;
}

}  // namespace

std::vector<std::uint64_t> looks_at(std::uint64_t rounds) {
  // With fewer rounds intervals are practically never narrow enough.
  constexpr std::uint64_t kFewest = 5;
  constexpr std::size_t kMostLooks = 4;
  std::vector<std::uint64_t> looks{rounds};
  while (looks.size() < kMostLooks && looks.front() / 2 >= kFewest)
    looks.insert(looks.begin(), looks.front() / 2);
  return looks;
}

std::vector<bool> base_first(std::uint64_t rounds, std::mt19937_64& random) {
  std::bernoulli_distribution coin;
  std::vector<bool> order;
  while (order.size() < rounds) {
    const bool first = coin(random);
    order.push_back(first);
    if (order.size() < rounds) order.push_back(!first);
  }
  return order;
}

bool settled(const GateResult& first, const GateResult& again) {
  return std::ranges::all_of(first.cells, [&](const GateCell& cell) {
    if (!is_asked_again(cell)) return true;
    const auto second = std::ranges::find(again.cells, cell.name, &GateCell::name);
    return second == again.cells.end() || is_clear(*second, again.max_slowdown);
  });
}

GateResult after_rerun(GateResult first, const GateResult& again) {
  for (GateCell& cell : first.cells) {
    const auto second = std::ranges::find(again.cells, cell.name, &GateCell::name);
    if (second == again.cells.end()) continue;
    const bool is_worse = second->outcome == GateOutcome::lost_safety ||
                          second->outcome == GateOutcome::missing ||
                          second->outcome == GateOutcome::did_not_run;
    const bool open = cell.outcome == GateOutcome::passed && is_worse;
    if (is_asked_again(cell) || open) cell = *second;
  }
  first.rerun = again.rerun;
  sort_by_outcome(first);
  return first;
}

namespace {

constexpr const char* kJson = "{json}";
constexpr const char* kSide = "{side}";

std::string with(std::string command, const std::string& place, const std::string& text) {
  for (std::size_t at = 0; (at = command.find(place, at)) != std::string::npos; at += text.size())
    command.replace(at, place.size(), text);
  return command;
}

Measurements measure(const RerunPlan& plan, const std::string& side, const std::string& file) {
  const std::string line = with(with(plan.command, kJson, shell_word(file)), kSide, side);
  const int status = *run_to_end({.command = line});  // no time limit, so there is always a status
  const bool measured = WIFEXITED(status) && WEXITSTATUS(status) <= 1;
  if (!measured)
    throw std::runtime_error(fmt::format("--rerun: {}: {}", line, describe_exit(status)));
  if (!std::filesystem::exists(file))
    throw std::runtime_error(fmt::format("--rerun: {}: left no result at {{json}}", line));
  Measurements run = read_measurements(file);
  plan.prepare(run);
  return run;
}

/// Runs the command and numbers the results of one gate.
class Measurer {
 public:
  explicit Measurer(const RerunPlan& plan) : plan_(plan) {}

  void add(std::vector<Measurements>& runs, const std::string& side) {
    runs.push_back(measure(plan_, side, folder_.file(fmt::format("{}.json", number_++))));
  }

 private:
  const RerunPlan& plan_;
  const TemporaryFolder folder_{"gate"};
  std::uint64_t number_ = 0;
};

void add_round(Sides& sides, Measurer& measurer, bool base_first) {
  if (base_first) measurer.add(sides.base, "base");
  measurer.add(sides.candidate, "new");
  if (!base_first) measurer.add(sides.base, "base");
}

GateResult in_rounds(const RerunPlan& plan, GateLimits limits, const GateResult& first) {
  const std::vector<std::uint64_t> looks = looks_at(plan.rounds);
  limits.looks = looks.size();
  std::mt19937_64 random{std::random_device{}()};
  const std::vector<bool> order = base_first(plan.rounds, random);
  Measurer measurer(plan);
  Sides rounds{.paired = true};
  GateResult again;
  for (const std::uint64_t look : looks) {
    while (rounds.base.size() < look) add_round(rounds, measurer, order[rounds.base.size()]);
    again = gate(rounds, limits);
    again.rerun = fmt::format(
        "measured again in {} rounds, of at most {}, with {} interim analyses; they decide the "
        "suspected cells: {}",
        look, plan.rounds, looks.size(), again.method);
    if (settled(first, again)) break;
  }
  return again;
}

GateResult of_new_alone(const RerunPlan& plan, Sides sides, const GateLimits& limits) {
  Measurer measurer(plan);
  sides.paired = false;
  for (std::uint64_t i = 0; i < plan.rounds; ++i) measurer.add(sides.candidate, "new");
  GateResult again = gate(sides, limits);
  again.rerun =
      fmt::format("new measured again, {} times; these runs decide the suspected cells: {}",
                  plan.rounds, again.method);
  return again;
}

}  // namespace

bool RerunPlan::both() const {
  return command.find(kSide) != std::string::npos;
}

bool wants_rerun(const GateResult& result, const RerunPlan& plan) {
  return std::ranges::any_of(result.cells, [&](const GateCell& cell) {
    return cell.outcome == GateOutcome::slower || cell.outcome == GateOutcome::not_proven ||
           (plan.both() && cell.outcome == GateOutcome::not_measurable);
  });
}

GateResult measure_again(const RerunPlan& plan, const Sides& sides, const GateLimits& limits,
                         const GateResult& first) {
  if (plan.command.find(kJson) == std::string::npos)
    throw UsageError(
        "--rerun: the command needs {json} in place of its result file, as in 'npyrace run "
        "quick --json {json}'");
  return after_rerun(
      first, plan.both() ? in_rounds(plan, limits, first) : of_new_alone(plan, sides, limits));
}

}  // namespace npyrace
