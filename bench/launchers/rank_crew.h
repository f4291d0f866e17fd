#pragma once
// Ranks of a fleet as writers, however they were started: launchers mpi and ssh.

#include <memory>

#include "bench/launchers/launcher.h"

namespace npyrace {

/// `request.fleet` has a rank for each writer. A rank that is lost on the way is a writer that was
/// killed, or that failed, and the others go on. Throws RaceError.
std::unique_ptr<Crew> start_rank_crew(const LaunchRequest& request);

}  // namespace npyrace
