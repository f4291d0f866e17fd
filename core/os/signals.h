#pragma once
// Signal handling: a flag that ends a run at the next safe point after Ctrl-C or SIGTERM, and
// signals as a pollable descriptor. The flag is global, because signal handlers have no context.

#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>

#include "core/base/error.h"
#include "core/os/descriptor.h"

namespace npyrace {

/// Thrown at a safe point after an interrupt (Ctrl-C, SIGTERM).
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

/// Signals by which users, terminals and batch systems ask a program to end. (Batch systems send
/// SIGUSR1, SIGUSR2 or SIGXCPU before they kill.) Left alone, each would leave files behind.
inline constexpr int kEndingSignals[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
                                         SIGUSR1, SIGUSR2, SIGALRM, SIGXCPU};

/// Installs handlers by which these signals only set the flag; SIGHUP stays ignored under nohup.
void catch_interrupts();
bool interrupted();
/// True if a signal that asks for an end waits for a thread that cannot handle it, because a system
/// call holds it there (as those on a FUSE file system do). For threads that block all signals.
bool interrupt_waits();

/// Sets the flag after that time, so that a run ends as after Ctrl-C. Needs catch_interrupts().
/// Throws SystemError.
void interrupt_after(double seconds);
/// True if the flag was set by interrupt_after.
bool time_is_over();
/// "interrupted", or what the user asked for: "stopped by --at-most".
const char* interruption_words();

/// Installs handlers that end the program at once, with the exit code and message of an interrupted
/// run. Only for work that leaves no files behind.
void end_at_interrupts();

/// Blocks signals in this thread, and in threads that it starts, during its lifetime.
class SignalBlock {
 public:
  explicit SignalBlock(const sigset_t& signals) {
    ::pthread_sigmask(SIG_BLOCK, &signals, &before_);
  }
  SignalBlock(const SignalBlock&) = delete;
  SignalBlock& operator=(const SignalBlock&) = delete;
  ~SignalBlock() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

/// `function` on a thread of its own that handles no signals: they stay for the caller's thread.
template <typename Function>
std::jthread thread_without_signals(Function function) {
  sigset_t all;
  sigfillset(&all);
  const SignalBlock block(all);
  return std::jthread(std::move(function));
}

// Signals as a pollable descriptor.

/// Blocks the signals and delivers them through a signalfd during its lifetime.
class SignalStream {
 public:
  explicit SignalStream(std::span<const int> numbers)
      : signals_(set_of(numbers)),
        block_(signals_),
        stream_(::signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK)) {
    if (!stream_) throw SystemError({"lab", "signalfd"}, errno);
  }

  int descriptor() const { return stream_.number(); }
  /// The next pending signal, or 0.
  int next() const {
    signalfd_siginfo info{};
    return ::read(stream_.number(), &info, sizeof info) == sizeof info
               ? static_cast<int>(info.ssi_signo)
               : 0;
  }

 private:
  static sigset_t set_of(std::span<const int> numbers) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : numbers) sigaddset(&signals, number);
    return signals;
  }

  sigset_t signals_;
  SignalBlock block_;
  Descriptor stream_;
};

}  // namespace npyrace
