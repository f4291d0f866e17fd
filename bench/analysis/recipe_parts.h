#pragma once
// Recipes with mpi4py, with one file per job, and with whole alignment units.

#include "bench/analysis/recipe.h"

namespace npyrace {

VariantText mpi_independent_text(const CellDescription& cell);
VariantText mpi_collective_text(const CellDescription& cell);
VariantText mpi_atomic_text(const CellDescription& cell);

// One file per job, which collect.py combines.

VariantText file_per_writer_text(const CellDescription& cell);
VariantText file_per_writer_reflink_text(const CellDescription& cell);

// Whole alignment units.

VariantText direct_text(const CellDescription& cell);
VariantText read_modify_write_text(const CellDescription& cell);
VariantText read_modify_write_lock_text(const CellDescription& cell);

}  // namespace npyrace
