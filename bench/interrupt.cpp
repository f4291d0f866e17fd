#include "bench/interrupt.h"

#include <csignal>
#include <initializer_list>

namespace npyrace {
namespace {

volatile std::sig_atomic_t g_interrupted = 0;

void note(int) {
  g_interrupted = 1;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = note;  // no SA_RESTART: waits must end
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

bool interrupted() {
  return g_interrupted != 0;
}

}  // namespace npyrace
