#include "bench/lab/program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>

#include "bench/lab/process_group.h"
#include "bench/lab/spawn.h"
#include "core/error.h"

namespace npyrace::lab {
namespace {

/// What a killed program gets before its mounts end: a hanging operation keeps even that.
constexpr std::chrono::milliseconds kKillGrace{500};

}  // namespace

Program::Program(Lab& lab, const std::vector<std::string>& arguments) : lab_(lab) {
  terminal_is_given_ = ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
  const std::string mounts = fmt::format("{}", fmt::join(lab.mounts(), ":"));
  const auto child =
      spawn({.arguments = arguments,
             .environment = {{"NPYRACE_LAB", mounts}, {"NPYRACE_LAB_STORE", lab.store()}},
             .own_group = true});
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
  ::kill(-child_, SIGCONT);  // one that is stopped would not hear it
}

int Program::collect() {
  const int status = wait_for_exit(child_);
  ::kill(-child_, SIGKILL);
  child_ = -1;
  lab_.guard(0);
  return exit_code_of(status);
}

int Program::end_by_force() {
  ::kill(-child_, SIGKILL);
  pollfd exit{.fd = exit_.number(), .events = POLLIN, .revents = 0};
  if (::poll(&exit, 1, static_cast<int>(kKillGrace.count())) <= 0) lab_.abort();
  return collect();
}

void Program::give_terminal(pid_t group) const {
  ::signal(SIGTTOU, SIG_IGN);  // we may be in the background already
  ::tcsetpgrp(STDIN_FILENO, group);
  ::signal(SIGTTOU, SIG_DFL);
}

/// Not from a shell that went on, while we were in the background.
void Program::take_terminal() const {
  if (terminal_is_given_ && ::tcgetpgrp(STDIN_FILENO) == group_) give_terminal(::getpgrp());
}

void Program::follow_stop() {
  siginfo_t info{};
  const int result =
      ::waitid(P_PID, static_cast<id_t>(child_), &info, WSTOPPED | WNOHANG | WNOWAIT);
  if (result != 0 || info.si_pid != child_ || !terminal_is_given_) return;
  ::waitid(P_PID, static_cast<id_t>(child_), &info, WSTOPPED | WNOHANG);
  // It asked for the terminal before we had given it.
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
