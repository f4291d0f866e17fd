#pragma once
// Writers in processes of our own binary on this machine, with a control block between us.

#include <cstdint>
#include <memory>

#include "bench/launchers/launcher.h"

namespace npyrace {

/// Starts as many workers as it takes, `writers_each` writers in each. Throws SystemError.
std::unique_ptr<Crew> start_spawned_crew(const LaunchRequest& request, std::uint64_t writers_each);

}  // namespace npyrace
