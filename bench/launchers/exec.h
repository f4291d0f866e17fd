#pragma once
// Any program as the writer: the command of `run --exec`, started once a writer by a shell.
//
// What it finds in its environment is listed in docs/programs.md; NPYRACE_GO is for those who want
// to start together (start_gate.h).

#include "bench/launchers/launcher.h"

namespace npyrace {

class ExecLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

}  // namespace npyrace
