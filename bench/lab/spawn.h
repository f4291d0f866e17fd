#pragma once
// Starting other programs: always posix_spawn, never a bare fork, which would not survive OpenMP.

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace npyrace::lab {

struct SpawnRequest {
  std::vector<std::string> arguments;  ///< the program first, found in PATH
  std::vector<std::pair<std::string, std::string>> environment = {};  ///< added to ours
  std::vector<std::pair<int, int>> descriptors = {};                  ///< ours → the number there
  bool own_group = false;  ///< a process group of its own, so that it can be signalled as a whole
  bool quiet = false;      ///< nothing is read from or written to the terminal
};

/// The child starts with default signals. Nothing, with errno, where it cannot be started.
std::optional<pid_t> spawn(const SpawnRequest& request);

/// What waitpid says.
int wait_for_exit(pid_t child);

/// What a shell would return: the exit code, or 128 and the signal.
int exit_code_of(int wait_status);

}  // namespace npyrace::lab
