#include "bench/decide/rerun.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>

#include "bench/decide/gate.h"
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

Measurements measure(const std::string& command, const std::string& side, const std::string& file) {
  const std::string line = with(with(command, kJson, shell_word(file)), kSide, side);
  const int status = *run_to_end({.command = line});  // no limit, so it always ends
  const bool measured = WIFEXITED(status) && WEXITSTATUS(status) <= 1;
  if (!measured)
    throw std::runtime_error(fmt::format("--rerun: {}: {}", line, describe_exit(status)));
  if (!std::filesystem::exists(file))
    throw std::runtime_error(fmt::format("--rerun: {}: left no result at {{json}}", line));
  return read_measurements(file);
}

}  // namespace

bool wants_rerun(const GateResult& result) {
  return std::ranges::any_of(result.cells, [](const GateCell& cell) {
    return cell.outcome == GateOutcome::slower || cell.outcome == GateOutcome::not_proven;
  });
}

Sides measure_again(const RerunPlan& plan, const Sides& sides) {
  if (plan.command.find(kJson) == std::string::npos)
    throw UsageError(
        "--rerun: the command must say {json} where its result goes, as in 'npyrace run "
        "quick --json {json}'");
  const bool both = plan.command.find(kSide) != std::string::npos;
  const PrivateFolder folder("gate");
  Sides again;
  std::uint64_t number = 0;
  const auto next_file = [&] { return folder.file(fmt::format("{}.json", number++)); };
  const auto base = [&] {
    if (both) again.base.push_back(measure(plan.command, "base", next_file()));
  };
  for (std::uint64_t round = 0; round < plan.rounds; ++round) {
    if (round % 2 == 0) base();
    again.fresh.push_back(measure(plan.command, "new", next_file()));
    if (round % 2 == 1) base();
  }
  if (both) return again;
  again.base = sides.base;
  again.fresh.insert(again.fresh.begin(), sides.fresh.begin(), sides.fresh.end());
  return again;
}

GateResult after_rerun(GateResult first, const GateResult& again) {
  for (GateCell& cell : first.cells) {
    const auto second = std::ranges::find(again.cells, cell.name, &GateCell::name);
    const bool stands = cell.outcome == GateOutcome::lost_safety;
    if (stands || second == again.cells.end()) continue;
    // A command may measure the suspects alone: what it left out is not lost.
    if (second->outcome == GateOutcome::lost_safety && !second->change) continue;
    const bool asked = cell.outcome != GateOutcome::passed;
    if (asked || second->outcome == GateOutcome::lost_safety) cell = *second;
  }
  sort_by_outcome(first);
  return first;
}

}  // namespace npyrace
