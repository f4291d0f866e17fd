#pragma once
// Launcher exec: starts the user's command of `run --exec` in a shell, once per writer.
//
// docs/programs.md lists the environment variables it sets. NPYRACE_GO names a FIFO by which
// programs can start at the same time (StartGate in open_watch.h).

#include "bench/launchers/launcher.h"

namespace npyrace {

class ExecLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

}  // namespace npyrace
