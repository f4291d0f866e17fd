#pragma once
// Ranks of a fleet as writers, however they were started: launchers mpi and ssh.

#include <memory>
#include <string>

#include "bench/launchers/launcher.h"

namespace npyrace {

/// `request.fleet` has a rank for each writer. A rank that is lost on the way is a writer that was
/// killed, or that failed, and the others go on. Throws RaceError.
std::unique_ptr<Crew> start_rank_crew(const LaunchRequest& request);

// One MPI rank a writer, started by the user's own mpirun on one host or several.

class MpiLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

// One process a writer on hosts that the user names, over any remote shell: for people with
// machines and no scheduler.

inline constexpr const char* kSsh = "ssh";

class SshLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

/// Why the usual remote shell cannot be; empty: it can.
std::string no_ssh_reason();

}  // namespace npyrace
