#pragma once
// Recipes of strategies that write by calls (one per record or run), or into a mapping.

#include "bench/analysis/recipe.h"

namespace npyrace {

WayText pwrite_text(const CellDescription& cell);
WayText pwrite_batch_text(const CellDescription& cell);
WayText pwritev_text(const CellDescription& cell);
WayText pwrite_wronly_text(const CellDescription& cell);
WayText pwrite_dsync_text(const CellDescription& cell);
WayText osync_text(const CellDescription& cell);
WayText pwrite_rwf_dsync_text(const CellDescription& cell);
WayText pwrite_lock_text(const CellDescription& cell);
WayText stdio_text(const CellDescription& cell);
WayText single_text(const CellDescription& cell);
WayText local_then_copy_text(const CellDescription& cell);

// Recipes that write into a mapping.

WayText mmap_text(const CellDescription& cell);
WayText mmap_window_text(const CellDescription& cell);
WayText mmap_populate_text(const CellDescription& cell);
WayText mmap_msync_page_text(const CellDescription& cell);
WayText mmap_lock_text(const CellDescription& cell);
/// The two lines to change in the user's program for this layout.
WayText program_text(const CellDescription& cell);

}  // namespace npyrace
