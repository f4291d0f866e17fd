#pragma once
// Recipes of strategies that write by calls (one per record or run), or into a mapping.

#include "bench/analysis/recipe.h"

namespace npyrace {

VariantText pwrite_text(const CellDescription& cell);
VariantText pwrite_batch_text(const CellDescription& cell);
VariantText pwritev_text(const CellDescription& cell);
VariantText pwrite_wronly_text(const CellDescription& cell);
VariantText pwrite_dsync_text(const CellDescription& cell);
VariantText osync_text(const CellDescription& cell);
VariantText pwrite_rwf_dsync_text(const CellDescription& cell);
VariantText pwrite_lock_text(const CellDescription& cell);
VariantText stdio_text(const CellDescription& cell);
VariantText single_text(const CellDescription& cell);
VariantText local_then_copy_text(const CellDescription& cell);

// Recipes that write into a mapping.

VariantText mmap_text(const CellDescription& cell);
VariantText mmap_window_text(const CellDescription& cell);
VariantText mmap_populate_text(const CellDescription& cell);
VariantText mmap_msync_page_text(const CellDescription& cell);
VariantText mmap_lock_text(const CellDescription& cell);
/// The two lines to change in the user's program for this layout.
VariantText program_text(const CellDescription& cell);

}  // namespace npyrace
