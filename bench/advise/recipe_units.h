#pragma once
// Recipes that write whole alignment units.

#include "bench/advise/recipe_way.h"

namespace npyrace {

WayText direct_text(const CellDescription& cell);
WayText read_modify_write_text(const CellDescription& cell);
WayText read_modify_write_lock_text(const CellDescription& cell);

}  // namespace npyrace
