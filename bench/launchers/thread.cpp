#include "bench/launchers/thread.h"

#include "bench/launchers/spawned_crew.h"

namespace npyrace {

std::unique_ptr<Crew> ThreadLauncher::start(const LaunchRequest& request) const {
  return start_spawned_crew(request, request.writers);
}

}  // namespace npyrace
