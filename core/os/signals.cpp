#include "core/os/signals.h"

#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <csignal>

#include "core/os/exit_code.h"

namespace npyrace {
namespace {

// Set by signal handlers and read by any thread: a std::sig_atomic_t is safe between a handler and
// its own thread only.
std::atomic<bool> g_interrupted = false;
std::atomic<bool> g_time_over = false;
static_assert(std::atomic<bool>::is_always_lock_free, "signal handlers may not lock");

void note(int) {
  g_interrupted = true;
}

void note_time(int) {
  if (!g_interrupted) g_time_over = true;
  g_interrupted = true;
}

/// Uses only async-signal-safe functions.
void end(int) {
  constexpr char kLine[] = "npyrace: interrupted\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kLine, sizeof kLine - 1);
  ::_exit(static_cast<int>(ExitCode::trouble));
}

void handle_interrupts(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;  // without SA_RESTART: system calls must return
  for (const int number : kEndingSignals) {
    struct sigaction present {};
    ::sigaction(number, nullptr, &present);
    const bool by_nohup = number == SIGHUP && present.sa_handler == SIG_IGN;
    if (!by_nohup) ::sigaction(number, &action, nullptr);
  }
}

}  // namespace

void catch_interrupts() {
  handle_interrupts(note);
}

void end_at_interrupts() {
  handle_interrupts(end);
  if (interrupted()) end(0);
}

bool interrupted() {
  return g_interrupted;
}

bool interrupt_waits() {
  sigset_t waiting;
  ::sigpending(&waiting);  // for the process, or for this thread
  return std::ranges::any_of(kEndingSignals, [&](int number) {
    return number != SIGALRM && ::sigismember(&waiting, number) == 1;
  });
}

void interrupt_after(double seconds) {
  struct sigaction action {};
  action.sa_handler = note_time;
  ::sigaction(SIGALRM, &action, nullptr);
  constexpr double kTick = 1e-6;  // zero would switch the timer off
  const double whole = std::floor(seconds);
  const itimerval timer{
      .it_interval = {},
      .it_value = {.tv_sec = static_cast<time_t>(whole),
                   .tv_usec = static_cast<suseconds_t>(std::max(kTick, seconds - whole) * 1e6)}};
  if (::setitimer(ITIMER_REAL, &timer, nullptr) != 0)
    throw SystemError({"--at-most", "setitimer"}, errno);
}

bool time_is_over() {
  return g_time_over;
}

const char* interruption_words() {
  return time_is_over() ? "stopped by --at-most" : "interrupted";
}

}  // namespace npyrace
