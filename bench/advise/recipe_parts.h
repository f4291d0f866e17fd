#pragma once
// Recipes with a file a job, which collect.py brings together.

#include "bench/advise/recipe_way.h"

namespace npyrace {

WayText file_per_writer_text(const CellDescription& cell);
WayText file_per_writer_reflink_text(const CellDescription& cell);

}  // namespace npyrace
