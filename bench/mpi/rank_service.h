#pragma once
// What every rank but rank 0 does: what rank 0 says, until it says that the program ends.

#include "bench/exit_code.h"
#include "bench/mpi/world.h"
#include "core/file.h"

namespace npyrace {

/// Prints nothing; trouble goes to rank 0.
void serve(World& world, const FileOpener& open_file);

}  // namespace npyrace
