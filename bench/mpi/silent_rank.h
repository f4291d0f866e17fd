#pragma once

#include <span>

namespace npyrace {

/// Whether this process is a rank other than 0 of a run with launcher mpi, as far as can be told
/// before MPI has begun: from what was typed, and what mpirun leaves in the environment. Rank 0
/// speaks for all about what they have all been told.
bool is_silent_rank(std::span<char* const> arguments);

}  // namespace npyrace
