#pragma once
// Writers as tasks of a Slurm array job, one job a generation: each runs `npyrace write`, and what
// they leave beside the array tells when and where they wrote.

#include "bench/launchers/launcher.h"

namespace npyrace {

class SlurmLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

}  // namespace npyrace
