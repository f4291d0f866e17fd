#include "bench/lab/run_command.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <utility>

#include "bench/lab/program.h"
#include "bench/lab/signal_stream.h"
#include "core/error.h"

namespace npyrace {
namespace {

using namespace lab;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// What a program gets between a polite signal and SIGKILL.
constexpr milliseconds kGrace{2000};

/// What a name between braces stands for; nothing where it is none of ours (`awk '{print}'`).
std::optional<std::string> place(const std::string& name, const Lab& lab) {
  if (name == "store") return lab.store();
  const bool is_node = name.size() > 1 && name.size() < 8 && name[0] == 'n' &&
                       name.find_first_not_of("0123456789", 1) == std::string::npos;
  if (!is_node) return std::nullopt;
  const unsigned long node = std::stoul(name.substr(1));
  if (node >= 1 && node <= lab.mounts().size()) return lab.mounts()[node - 1];
  throw UsageError(fmt::format("{{{}}}: the lab has n1 to n{}", name, lab.mounts().size()));
}

std::string with_places(const std::string& argument, const Lab& lab) {
  std::string result;
  for (std::size_t at = 0; at < argument.size();) {
    const std::size_t end = argument[at] == '{' ? argument.find('}', at) : std::string::npos;
    const auto found =
        end == std::string::npos ? std::nullopt : place(argument.substr(at + 1, end - at - 1), lab);
    result += found ? *found : std::string(1, argument[at]);
    at = found ? end + 1 : at + 1;
  }
  return result;
}

/// The signals of a terminal tell a program that it is suspended or goes on.
constexpr auto kSignals = {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGCONT};

/// How long poll may wait.
int poll_milliseconds(const Program& program, std::optional<Clock::time_point> limit) {
  if (!limit) return program.has_terminal() ? static_cast<int>(kGrace.count()) : -1;
  const auto left = std::chrono::duration_cast<milliseconds>(*limit - Clock::now()).count();
  return static_cast<int>(std::max<long long>(left, 0));
}

/// The next signal that ends the program, or 0; others are followed.
int next_ending_signal(const SignalStream& signals, Program& program) {
  const int number = signals.next();
  if (number == SIGCHLD) program.follow_stop();
  if (number == SIGCONT) program.follow_continue();
  return number == SIGCHLD || number == SIGCONT ? 0 : number;
}

}  // namespace

std::vector<std::string> with_places(std::vector<std::string> arguments, const Lab& lab) {
  for (std::string& argument : arguments) argument = with_places(argument, lab);
  return arguments;
}

int run_on_lab(Lab& lab, const std::vector<std::string>& arguments) {
  const SignalStream signals(kSignals);
  Program program(lab, arguments);
  std::optional<Clock::time_point> limit;  // set by the first signal
  bool hung = false;                       // when we last looked
  while (true) {
    pollfd events[] = {{program.exit_descriptor(), POLLIN, 0},
                       {signals.descriptor(), POLLIN, 0},
                       {lab.server_descriptor(), POLLIN, 0}};
    const int ready = ::poll(events, 3, poll_milliseconds(program, limit));
    // The server first: what a program makes of dead mounts is not its answer.
    if (events[2].revents != 0) throw std::runtime_error("the lab's server died");
    if (events[0].revents != 0) return program.collect();
    const int number = next_ending_signal(signals, program);
    const bool impatient = number != 0 && limit;  // a second signal
    if (number != 0 && !limit) {
      program.signal(number);
      limit = Clock::now() + kGrace;
    }
    const bool hung_before = std::exchange(hung, ready == 0 && program.hangs());
    const bool late = limit && Clock::now() >= *limit;
    if (impatient || late || (hung && hung_before)) return program.end_by_force();
  }
}

}  // namespace npyrace
