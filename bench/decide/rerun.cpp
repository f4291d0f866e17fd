#include "bench/decide/rerun.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "bench/decide/gate.h"
#include "bench/interrupt.h"
#include "bench/launchers/child_process.h"
#include "core/error.h"

namespace npyrace {
namespace {

constexpr const char* kJson = "{json}";
constexpr const char* kSide = "{side}";

/// A folder for results that is gone afterwards.
class ResultFolder {
 public:
  ResultFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "npyrace-gate-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw SystemError({name, "mkdtemp"}, errno);
    path_ = name;
  }
  ResultFolder(const ResultFolder&) = delete;
  ResultFolder& operator=(const ResultFolder&) = delete;
  ~ResultFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(std::uint64_t number) const { return fmt::format("{}/{}.json", path_, number); }

 private:
  std::string path_;
};

/// Quoted for a shell, as a word of its own.
std::string shell_word(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string with(std::string command, const std::string& place, const std::string& text) {
  for (std::size_t at = 0; (at = command.find(place, at)) != std::string::npos; at += text.size())
    command.replace(at, place.size(), text);
  return command;
}

int wait_for(ChildProcess& child) {
  for (;;) {
    if (const auto status = child.poll()) return *status;
    if (interrupted()) throw std::runtime_error("interrupted");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

Measurements measure(const std::string& command, const std::string& side, const std::string& file) {
  const std::string line = with(with(command, kJson, shell_word(file)), kSide, side);
  ChildProcess child({.program = "/bin/sh", .arguments = {"-c", line}});
  const int status = wait_for(child);
  const bool measured = WIFEXITED(status) && WEXITSTATUS(status) <= 1;
  if (!measured) throw std::runtime_error(fmt::format("--rerun: {}: {}", line, describe_exit(status)));
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
    throw UsageError("--rerun: the command must say {json} where its result goes, as in 'npyrace run "
                     "quick --json {json}'");
  const bool both = plan.command.find(kSide) != std::string::npos;
  const ResultFolder folder;
  Sides again;
  std::uint64_t number = 0;
  const auto base = [&] {
    if (both) again.base.push_back(measure(plan.command, "base", folder.file(number++)));
  };
  for (std::uint64_t round = 0; round < plan.rounds; ++round) {
    if (round % 2 == 0) base();
    again.fresh.push_back(measure(plan.command, "new", folder.file(number++)));
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
