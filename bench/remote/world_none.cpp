// Replacement for world_mpi.cpp in builds without MPI.

#include "bench/remote/world.h"
#include "core/base/error.h"

namespace npyrace {

std::string no_mpi_reason() {
  return "npyrace was built without MPI (Debian: libopenmpi-dev openmpi-bin, then build again)";
}

std::unique_ptr<World> join_world() {
  throw FormatError("launcher mpi: " + no_mpi_reason());
}

}  // namespace npyrace
