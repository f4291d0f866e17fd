#include "bench/launchers/mpi.h"

#include "bench/launchers/rank_crew.h"

namespace npyrace {

std::unique_ptr<Crew> MpiLauncher::start(const LaunchRequest& request) const {
  return start_rank_crew(request);
}

}  // namespace npyrace
