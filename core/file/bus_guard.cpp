#include "core/file/bus_guard.h"

#include <csignal>
#include <mutex>

namespace npyrace {
namespace {

// Signal handlers get no user argument, so this must be global; one per thread.
constinit thread_local BusGuard* t_guard = nullptr;

/// Without a guard restores the default action: the access is repeated after the return and kills
/// the process.
void leave(int, siginfo_t* information, void*) {
  if (t_guard == nullptr) {
    std::signal(SIGBUS, SIG_DFL);
    return;
  }
  t_guard->address = information->si_addr;
  siglongjmp(t_guard->way_out, 1);
}

void install() {
  struct sigaction action {};
  action.sa_sigaction = leave;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;  // the handler is left by siglongjmp
  ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace

BusGuard::BusGuard() : outer(t_guard) {
  static std::once_flag installed;
  std::call_once(installed, install);
  t_guard = this;
}

BusGuard::~BusGuard() {
  t_guard = outer;
}

}  // namespace npyrace
