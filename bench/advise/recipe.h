#pragma once
// A NumPy program that writes as a cell did: same layout, same calls.

#include "core/recipe.h"
#include "core/result.h"

namespace npyrace {

/// Empty where NumPy has no such calls, or records were dealt out at random.
Recipe recipe_for(const CellDescription& cell);

}  // namespace npyrace
