#include "bench/lab/run_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <stdexcept>

#include "bench/lab/descriptor.h"
#include "bench/lab/spawn.h"
#include "core/error.h"

namespace npyrace {
namespace {

using namespace lab;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// What a program gets between a polite signal and SIGKILL, and between that and the end of its
/// mounts (a hanging operation keeps even a killed process).
constexpr milliseconds kGrace{2000};
constexpr milliseconds kKillGrace{500};

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

/// Signals that end a program arrive as bytes of a descriptor for as long as this lives.
class SignalStream {
 public:
  SignalStream() {
    sigemptyset(&signals_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals_, number);
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    stream_ = Descriptor(::signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!stream_) throw SystemError({"lab", "signalfd"}, errno);
  }
  SignalStream(const SignalStream&) = delete;
  SignalStream& operator=(const SignalStream&) = delete;
  ~SignalStream() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  int descriptor() const { return stream_.number(); }
  /// The next signal, or 0.
  int next() const {
    signalfd_siginfo info{};
    return ::read(stream_.number(), &info, sizeof info) == sizeof info
               ? static_cast<int>(info.ssi_signo)
               : 0;
  }

 private:
  sigset_t signals_{};
  sigset_t before_{};
  Descriptor stream_;
};

/// A program in a process group of its own; on a terminal it gets the foreground, as from a shell.
class Program {
 public:
  Program(Lab& lab, const std::vector<std::string>& arguments) : lab_(lab) {
    const bool foreground = ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
    const std::string mounts = fmt::format("{}", fmt::join(lab.mounts(), ":"));
    const auto child =
        spawn({.arguments = arguments,
               .environment = {{"NPYRACE_LAB", mounts}, {"NPYRACE_LAB_STORE", lab.store()}},
               .own_group = true});
    if (!child) throw SystemError({arguments[0], "exec"}, errno);
    child_ = *child;
    lab_.guard(child_);
    exit_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, child_, 0)));
    if (foreground) give_terminal(child_);
    terminal_is_given_ = foreground;
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (child_ > 0) end_by_force();
    if (terminal_is_given_) give_terminal(::getpgrp());
  }

  int exit_descriptor() const { return exit_.number(); }
  void signal(int number) const { ::kill(-child_, number); }

  /// What it left running ends with it.
  int collect() {
    const int status = wait_for_exit(child_);
    ::kill(-child_, SIGKILL);
    child_ = -1;
    lab_.guard(0);
    return exit_code_of(status);
  }

  int end_by_force() {
    ::kill(-child_, SIGKILL);
    pollfd exit{.fd = exit_.number(), .events = POLLIN, .revents = 0};
    if (::poll(&exit, 1, static_cast<int>(kKillGrace.count())) <= 0) lab_.abort();
    return collect();
  }

 private:
  static void give_terminal(pid_t group) {
    ::signal(SIGTTOU, SIG_IGN);  // we may be in the background already
    ::tcsetpgrp(STDIN_FILENO, group);
    ::signal(SIGTTOU, SIG_DFL);
  }

  Lab& lab_;
  pid_t child_ = -1;
  Descriptor exit_;
  bool terminal_is_given_ = false;
};

/// How long poll may wait: for ever before the first signal.
int poll_milliseconds(std::optional<Clock::time_point> limit) {
  if (!limit) return -1;
  const auto left = std::chrono::duration_cast<milliseconds>(*limit - Clock::now()).count();
  return static_cast<int>(std::max<long long>(left, 0));
}

}  // namespace

std::vector<std::string> with_places(std::vector<std::string> arguments, const Lab& lab) {
  for (std::string& argument : arguments) argument = with_places(argument, lab);
  return arguments;
}

int run_on_lab(Lab& lab, const std::vector<std::string>& arguments) {
  const SignalStream signals;
  Program program(lab, arguments);
  std::optional<Clock::time_point> limit;  // set by the first signal
  while (true) {
    pollfd events[] = {{program.exit_descriptor(), POLLIN, 0},
                       {signals.descriptor(), POLLIN, 0},
                       {lab.server_descriptor(), POLLIN, 0}};
    ::poll(events, 3, poll_milliseconds(limit));
    // The server first: what a program makes of dead mounts is not its answer.
    if (events[2].revents != 0) throw std::runtime_error("the lab's server died");
    if (events[0].revents != 0) return program.collect();
    const int number = signals.next();
    const bool impatient = number != 0 && limit;  // a second signal
    if (number != 0 && !limit) {
      program.signal(number);
      limit = Clock::now() + kGrace;
    }
    if (impatient || (limit && Clock::now() >= *limit)) return program.end_by_force();
  }
}

}  // namespace npyrace
