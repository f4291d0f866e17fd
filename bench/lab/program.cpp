#include "bench/lab/program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/os/process.h"
#include "core/os/signals.h"

namespace npyrace::lab {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t bit(int signal_number) {
  return 1ull << (signal_number - 1);
}
constexpr std::uint64_t kEnding =
    bit(SIGINT) | bit(SIGQUIT) | bit(SIGTERM) | bit(SIGHUP) | bit(SIGKILL);

std::map<std::string, std::string> status_of(const fs::path& process) {
  std::map<std::string, std::string> fields;
  std::ifstream status(process / "status");
  for (std::string line; std::getline(status, line);)
    if (const std::size_t colon = line.find(":\t"); colon != std::string::npos)
      fields[line.substr(0, colon)] = line.substr(colon + 2);
  return fields;
}

bool process_hangs(const fs::path& process) {
  const auto fields = status_of(process);
  const auto signals = [&](const char* name) {
    const auto found = fields.find(name);
    return found == fields.end() ? 0 : std::strtoull(found->second.c_str(), nullptr, 16);
  };
  const auto state = fields.find("State");
  if (state == fields.end() || !state->second.starts_with("D")) return false;
  const std::uint64_t pending = signals("SigPnd") | signals("ShdPnd");
  return (pending & ~signals("SigBlk") & kEnding) != 0;
}

}  // namespace

bool hangs(pid_t group) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const pid_t process = std::atoi(entry.path().filename().c_str());
    if (process > 0 && ::getpgid(process) == group && process_hangs(entry.path())) return true;
  }
  return false;
}

namespace {

/// Time after SIGKILL before the mounts are aborted: a hanging operation blocks even SIGKILL.
constexpr std::chrono::milliseconds kKillGrace{500};

}  // namespace

Program::Program(Lab& lab, const std::vector<std::string>& arguments,
                 const std::string& lab_command)
    : lab_(lab) {
  terminal_is_given_ = ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
  const std::string mounts = fmt::format("{}", fmt::join(lab.mounts(), ":"));
  const auto child =
      spawn({.arguments = arguments,
             .environment = {"NPYRACE_LAB=" + mounts, "NPYRACE_LAB_STORE=" + lab.store(),
                             "NPYRACE_LAB_COMMAND=" + lab_command},
             .input = STDIN_FILENO,
             .output = STDOUT_FILENO});
  if (!child) throw SystemError({arguments[0], "exec"}, errno);
  group_ = child_ = *child;
  lab_.guard(child_);
  exit_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, child_, 0)));
  if (terminal_is_given_) give_terminal(child_);
}

Program::~Program() {
  if (child_ > 0) end_by_force();
  take_terminal();
}

void Program::signal(int number) const {
  ::kill(-child_, number);
  ::kill(-child_, SIGCONT);  // a stopped process would not handle the signal
}

int Program::collect() {
  const int status = wait_for_exit(child_);
  ::kill(-child_, SIGKILL);
  child_ = -1;
  lab_.guard(0);
  return shell_exit_code(status);
}

int Program::end_by_force() {
  ::kill(-child_, SIGKILL);
  pollfd exit{.fd = exit_.number(), .events = POLLIN, .revents = 0};
  if (::poll(&exit, 1, static_cast<int>(kKillGrace.count())) <= 0) lab_.abort();
  return collect();
}

void Program::give_terminal(pid_t group) const {
  ::signal(SIGTTOU, SIG_IGN);  // we may already be in the background
  ::tcsetpgrp(STDIN_FILENO, group);
  ::signal(SIGTTOU, SIG_DFL);
}

/// Does nothing if a shell took the terminal while we were in the background.
void Program::take_terminal() const {
  if (terminal_is_given_ && ::tcgetpgrp(STDIN_FILENO) == group_) give_terminal(::getpgrp());
}

void Program::follow_stop() {
  siginfo_t info{};
  const int result =
      ::waitid(P_PID, static_cast<id_t>(child_), &info, WSTOPPED | WNOHANG | WNOWAIT);
  if (result != 0 || info.si_pid != child_ || !terminal_is_given_) return;
  ::waitid(P_PID, static_cast<id_t>(child_), &info, WSTOPPED | WNOHANG);
  // The program accessed the terminal before its process group was in the foreground.
  const bool too_early = info.si_status == SIGTTIN || info.si_status == SIGTTOU;
  if (too_early && ::tcgetpgrp(STDIN_FILENO) == child_) return void(::kill(-child_, SIGCONT));
  take_terminal();
  ::kill(0, SIGSTOP);
}

void Program::follow_continue() {
  if (!terminal_is_given_) return;
  if (::tcgetpgrp(STDIN_FILENO) == ::getpgrp()) give_terminal(child_);
  ::kill(-child_, SIGCONT);
}

bool Program::hangs() const {
  return terminal_is_given_ && lab::hangs(child_);
}

}  // namespace npyrace::lab

namespace npyrace {
namespace {

using namespace lab;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Time between the first signal and SIGKILL.
constexpr milliseconds kGrace{2000};

/// Replacement for a name in braces; nothing for other uses of braces (`awk '{print}'`).
std::optional<std::string> place(const std::string& name, const Lab& lab) {
  if (name == "store") return lab.store();
  const bool is_node = name.size() > 1 && name.size() < 8 && name[0] == 'n' &&
                       name.find_first_not_of("0123456789", 1) == std::string::npos;
  if (!is_node) return std::nullopt;
  const unsigned long node = std::stoul(name.substr(1));
  if (node >= 1 && node <= lab.mounts().size()) return lab.mounts()[node - 1];
  throw UsageError(fmt::format("{{{}}}: the lab has the nodes n1 to n{}; --nodes N makes more",
                               name, lab.mounts().size()));
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

/// The signals that end the program, and SIGCHLD and SIGCONT, which report that it was suspended or
/// continued.
std::vector<int> handled_signals() {
  std::vector<int> numbers(std::begin(kEndingSignals), std::end(kEndingSignals));
  numbers.insert(numbers.end(), {SIGPIPE, SIGCHLD, SIGCONT});
  return numbers;
}

/// Timeout for poll.
int poll_milliseconds(const Program& program, std::optional<Clock::time_point> limit) {
  if (!limit) return program.has_terminal() ? static_cast<int>(kGrace.count()) : -1;
  const auto left = std::chrono::duration_cast<milliseconds>(*limit - Clock::now()).count();
  return static_cast<int>(std::max<long long>(left, 0));
}

/// Returns the next signal that ends the program, or 0; handles the others.
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

int run_on_lab(Lab& lab, const std::vector<std::string>& arguments,
               const std::string& lab_command) {
  const SignalStream signals(handled_signals());
  Program program(lab, arguments, lab_command);
  std::optional<Clock::time_point> limit;  // set by the first signal
  bool hung = false;                       // state at the last check
  while (true) {
    pollfd events[] = {{program.exit_descriptor(), POLLIN, 0},
                       {signals.descriptor(), POLLIN, 0},
                       {lab.server_descriptor(), POLLIN, 0}};
    const int ready = ::poll(events, 3, poll_milliseconds(program, limit));
    // Check the server first: the program's reaction to dead mounts is no valid exit code.
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
