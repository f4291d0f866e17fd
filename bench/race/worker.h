#pragma once
// The worker's side of a race: what the hidden `worker` command does.

#include <cstdint>

#include "bench/exit_code.h"
#include "core/file.h"

namespace npyrace {

struct WorkerRequest {
  int control_descriptor = -1;
  int parent = 0;  ///< process id of who started us
  std::uint64_t first_writer = 0;
  std::uint64_t writers = 1;  ///< more than one: as OpenMP threads of this process
};

/// Races through all generations. A failure is left in the writer's slot for the parent to read.
ExitCode work(const WorkerRequest& request, const FileOpener& open_file);

}  // namespace npyrace
