#include "bench/decide/rerun.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>

#include "bench/decide/looks.h"
#include "bench/launchers/child_process.h"
#include "bench/launchers/shell_command.h"
#include "bench/private_folder.h"
#include "bench/shell_word.h"
#include "core/error.h"

namespace npyrace {
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
  const int status = *run_to_end({.command = line});  // no limit, so it always ends
  const bool measured = WIFEXITED(status) && WEXITSTATUS(status) <= 1;
  if (!measured)
    throw std::runtime_error(fmt::format("--rerun: {}: {}", line, describe_exit(status)));
  if (!std::filesystem::exists(file))
    throw std::runtime_error(fmt::format("--rerun: {}: left no result at {{json}}", line));
  Measurements run = read_measurements(file);
  plan.prepare(run);
  return run;
}

/// Results of one gate, numbered.
class Measurer {
 public:
  explicit Measurer(const RerunPlan& plan) : plan_(plan) {}

  void add(std::vector<Measurements>& runs, const std::string& side) {
    runs.push_back(measure(plan_, side, folder_.file(fmt::format("{}.json", number_++))));
  }

 private:
  const RerunPlan& plan_;
  const PrivateFolder folder_{"gate"};
  std::uint64_t number_ = 0;
};

void add_round(Sides& sides, Measurer& measurer, bool base_first) {
  if (base_first) measurer.add(sides.base, "base");
  measurer.add(sides.fresh, "new");
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
        "measured again in {} rounds, of at most {}, with {} looks at them; suspects are judged by "
        "that: {}",
        look, plan.rounds, looks.size(), again.method);
    if (settled(first, again)) break;
  }
  return again;
}

GateResult of_new_alone(const RerunPlan& plan, Sides sides, const GateLimits& limits) {
  Measurer measurer(plan);
  sides.paired = false;
  for (std::uint64_t i = 0; i < plan.rounds; ++i) measurer.add(sides.fresh, "new");
  GateResult again = gate(sides, limits);
  again.rerun = fmt::format("new measured again, {} times; suspects are judged by that: {}",
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
        "--rerun: the command must say {json} where its result goes, as in 'npyrace run "
        "quick --json {json}'");
  return after_rerun(
      first, plan.both() ? in_rounds(plan, limits, first) : of_new_alone(plan, sides, limits));
}

}  // namespace npyrace
