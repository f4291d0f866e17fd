#pragma once
// Recipes of one call a record, or a run of records.

#include "bench/advise/recipe_way.h"

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

}  // namespace npyrace
