#pragma once
// The other end of a connection: a rank that knows rank 0 by its standard input and output.

#include <memory>

#include "bench/mpi/world.h"

namespace npyrace {

/// Greets, and waits to be told which rank this is. From then on standard output is rank 0's, what
/// anybody prints goes to standard error, and the process ends when standard input ends, within a
/// second if something is under way: the connection is its life line. Once in a process.
std::unique_ptr<World> join_by_connection();

}  // namespace npyrace
