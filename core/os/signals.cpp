#include "core/os/signals.h"

#include <unistd.h>

#include <csignal>
#include <initializer_list>

#include "core/os/exit_code.h"

namespace npyrace {
namespace {

volatile std::sig_atomic_t g_interrupted = 0;

void note(int) {
  g_interrupted = 1;
}

/// Uses only async-signal-safe functions.
void end(int) {
  constexpr char kLine[] = "npyrace: interrupted\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kLine, sizeof kLine - 1);
  ::_exit(static_cast<int>(ExitCode::trouble));
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = note;  // without SA_RESTART: system calls must return
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

void end_at_interrupts() {
  struct sigaction action {};
  action.sa_handler = end;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
  if (interrupted()) end(0);
}

bool interrupted() {
  return g_interrupted != 0;
}

}  // namespace npyrace
