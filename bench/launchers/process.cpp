#include "bench/launchers/process.h"

#include "bench/launchers/spawned_crew.h"

namespace npyrace {

std::unique_ptr<Crew> ProcessLauncher::start(const LaunchRequest& request) const {
  return start_spawned_crew(request, 1);
}

}  // namespace npyrace
