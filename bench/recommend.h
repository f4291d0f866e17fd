#pragma once
// Which cell to follow. Pure.

#include <vector>

#include "core/result.h"

namespace npyrace {

/// The fastest safe cell; of those that cannot be told apart (intervals that overlap the fastest's
/// median) the simplest: packed before padded, then the strategy that asks least of the user.
Recommendation recommend(const std::vector<CellResult>& cells);

}  // namespace npyrace
