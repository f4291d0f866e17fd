#pragma once
// Any program as the writer: the command of `run --exec`, started once a writer by a shell.
//
// It finds in its environment: NPYRACE_FILE (the array, through the writer's mount),
// NPYRACE_WRITER, NPYRACE_WRITERS, NPYRACE_GENERATION, NPYRACE_EXPECT (an array of the same form
// with the right content), NPYRACE_SLICE_START, _STOP, _STEP: array[start:stop:step] are its
// records, and NPYRACE_GO for those who want to start together (start_gate.h).

#include "bench/launchers/launcher.h"

namespace npyrace {

class ExecLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

}  // namespace npyrace
