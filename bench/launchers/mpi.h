#pragma once
// One MPI rank a writer, started by the user's own mpirun on one host or several.

#include "bench/launchers/launcher.h"

namespace npyrace {

class MpiLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

}  // namespace npyrace
