#pragma once
// Which cell to follow. Pure.

#include <vector>

#include "core/result.h"

namespace npyrace {

/// The fastest safe cell; of those that cannot be told apart (intervals that overlap the fastest's
/// median) the simplest: packed before padded, then the strategy that asks least of the user.
/// With what it costs, what is as fast, and what evidence is missing; `environment` tells where to
/// look for it.
Recommendation recommend(const std::vector<CellResult>& cells, const Environment& environment = {});

}  // namespace npyrace
