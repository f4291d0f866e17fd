#pragma once
// Rank 0 of a world whose other ranks are processes on hosts, one connection each. It conducts and
// writes nothing itself; all that ranks say to each other goes through it.

#include <memory>

#include "bench/remote/connection.h"
#include "bench/remote/world.h"

namespace npyrace {

/// Connects with all of them: rank w+1 is writer w. Throws FormatError, naming the host, when one
/// does not come or is of another version, and Interrupted.
std::unique_ptr<World> connect_world(const SshOrder& order);

}  // namespace npyrace
