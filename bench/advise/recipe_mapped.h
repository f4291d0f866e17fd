#pragma once
// Recipes that store into a mapping.

#include "bench/advise/recipe_way.h"

namespace npyrace {

WayText mmap_text(const CellDescription& cell);
WayText mmap_window_text(const CellDescription& cell);
WayText mmap_populate_text(const CellDescription& cell);
WayText mmap_msync_page_text(const CellDescription& cell);
WayText mmap_lock_text(const CellDescription& cell);
/// The two lines that a program of the user's changes to write into this layout.
WayText program_text(const CellDescription& cell);

}  // namespace npyrace
