#pragma once
// Recipes for ranks of MPI, with mpi4py.

#include "bench/advise/recipe_way.h"

namespace npyrace {

WayText mpi_independent_text(const CellDescription& cell);
WayText mpi_collective_text(const CellDescription& cell);
WayText mpi_atomic_text(const CellDescription& cell);

}  // namespace npyrace
