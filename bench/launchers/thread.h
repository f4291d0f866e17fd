#pragma once
// One OpenMP thread a writer. The threads live in a process of their own, so that one that dies
// or hangs does not take npyrace with it.

#include "bench/launchers/launcher.h"

namespace npyrace {

class ThreadLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

}  // namespace npyrace
