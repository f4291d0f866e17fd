#pragma once
// Writers in processes of our own binary on this machine, with a control block between us.

#include <cstdint>
#include <memory>

#include "bench/launchers/launcher.h"

namespace npyrace {

/// Starts as many workers as it takes, `writers_each` writers in each. Throws SystemError.
std::unique_ptr<Crew> start_spawned_crew(const LaunchRequest& request, std::uint64_t writers_each);

// One process a writer.

class ProcessLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

// One OpenMP thread a writer. The threads live in a process of their own, so that one that dies
// or hangs does not take npyrace with it.

class ThreadLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

}  // namespace npyrace
