#pragma once
// Recipes for ranks of MPI, with mpi4py.

#include "bench/analysis/recipe.h"

namespace npyrace {

WayText mpi_independent_text(const CellDescription& cell);
WayText mpi_collective_text(const CellDescription& cell);
WayText mpi_atomic_text(const CellDescription& cell);

// Recipes with a file a job, which collect.py brings together.

WayText file_per_writer_text(const CellDescription& cell);
WayText file_per_writer_reflink_text(const CellDescription& cell);

// Recipes that write whole alignment units.

WayText direct_text(const CellDescription& cell);
WayText read_modify_write_text(const CellDescription& cell);
WayText read_modify_write_lock_text(const CellDescription& cell);

}  // namespace npyrace
