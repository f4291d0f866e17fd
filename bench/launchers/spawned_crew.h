#pragma once
// Launchers process and thread: writers in child processes of our own binary on this machine,
// controlled through shared memory (worker.h).

#include <cstdint>
#include <memory>

#include "bench/launchers/launcher.h"

namespace npyrace {

/// Starts enough workers for `writers_each` writers in each. Throws SystemError.
std::unique_ptr<Crew> start_spawned_crew(const LaunchRequest& request, std::uint64_t writers_each);

// One process per writer.

class ProcessLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

// One OpenMP thread per writer. The threads run in a child process, so that a crash or hang does
// not affect npyrace itself.

class ThreadLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

}  // namespace npyrace
