#pragma once
// One process a writer.

#include "bench/launchers/launcher.h"

namespace npyrace {

class ProcessLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

}  // namespace npyrace
