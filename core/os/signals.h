#pragma once
// Signal handling: a flag that ends a run at the next safe point after Ctrl-C or SIGTERM, and
// signals as a pollable descriptor. The flag is global, because signal handlers have no context.

#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>
#include <initializer_list>
#include <stdexcept>

#include "core/base/error.h"
#include "core/os/descriptor.h"

namespace npyrace {

/// Thrown at a safe point after an interrupt (Ctrl-C, SIGTERM).
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

/// Installs handlers by which SIGINT, SIGTERM and SIGHUP only set the flag.
void catch_interrupts();
bool interrupted();

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

// Signals as a pollable descriptor.

/// Blocks the signals and delivers them through a signalfd during its lifetime.
class SignalStream {
 public:
  explicit SignalStream(std::initializer_list<int> numbers) {
    sigemptyset(&signals_);
    for (const int number : numbers) sigaddset(&signals_, number);
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    stream_ = Descriptor(::signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!stream_) throw SystemError({"lab", "signalfd"}, errno);
  }
  SignalStream(const SignalStream&) = delete;
  SignalStream& operator=(const SignalStream&) = delete;
  ~SignalStream() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  int descriptor() const { return stream_.number(); }
  /// The next pending signal, or 0.
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

}  // namespace npyrace
