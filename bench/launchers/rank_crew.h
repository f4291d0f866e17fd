#pragma once
// Launchers mpi and ssh: the ranks of a coordinator act as writers, however they were started.

#include <memory>
#include <string>

#include "bench/launchers/launcher.h"

namespace npyrace {

/// `request.fleet` must have a rank for each writer. A lost rank is reported as a failed or killed
/// writer, and the others continue. Throws RaceError.
std::unique_ptr<Crew> start_rank_crew(const LaunchRequest& request);

// One MPI rank per writer, started by the user's mpirun on one or several hosts.

class MpiLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

// One process per writer on hosts that the user names, started by a remote shell: for clusters
// without a scheduler.

inline constexpr const char* kSsh = "ssh";

class SshLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

/// Why the default remote shell is unavailable; empty: available.
std::string no_ssh_reason();

}  // namespace npyrace
