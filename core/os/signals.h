#pragma once
// Ctrl-C and SIGTERM end a run at the next safe point: the signal flag, the only global there is.

#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>
#include <initializer_list>
#include <stdexcept>

#include "core/base/error.h"
#include "core/os/descriptor.h"

namespace npyrace {

/// The user wants the program to end (Ctrl-C, SIGTERM).
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

/// From now on SIGINT, SIGTERM and SIGHUP only set the flag.
void catch_interrupts();
bool interrupted();

/// From now on they end the program at once, with the exit code and the line of an interrupted run:
/// for work that leaves nothing behind when it breaks off.
void end_at_interrupts();

}  // namespace npyrace

namespace npyrace::lab {

// Signals as something to poll.

/// The signals arrive as bytes of a descriptor for as long as this lives.
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

}  // namespace npyrace::lab
