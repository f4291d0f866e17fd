#include "core/os/threads.h"

#include <fmt/format.h>

#include <cerrno>
#include <latch>
#include <system_error>
#include <thread>
#include <vector>

#include "core/base/error.h"

namespace npyrace {
namespace {

/// Starts threads that all exist at the same time; returns how many could be started.
int started_at_once(int wanted) {
  std::latch end(1);
  std::vector<std::jthread> threads;
  threads.reserve(static_cast<std::size_t>(wanted));
  try {
    while (static_cast<int>(threads.size()) < wanted) threads.emplace_back([&end] { end.wait(); });
  } catch (const std::system_error&) {
    // the system refused another thread
  }
  end.count_down();
  return static_cast<int>(threads.size());
}

}  // namespace

int startable_threads(int wanted) {
  // OpenMP keeps the threads of the caller's last team, so only a larger team needs a new test.
  thread_local int kept = 1;
  if (wanted > kept)
    kept = 1 + started_at_once(wanted - 1);
  else
    kept = wanted;
  return kept < 1 ? 1 : kept;
}

void require_threads(int wanted, const char* purpose) {
  if (startable_threads(wanted) >= wanted) return;
  throw SystemError({purpose, "start threads (see ulimit -u, and the limit of a container)"},
                    EAGAIN);
}

}  // namespace npyrace
