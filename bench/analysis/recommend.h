#pragma once
// Which cell to follow. Pure.

#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// The fastest safe cell; of those that cannot be told apart (intervals that overlap the fastest's
/// median) the simplest: packed before padded, then the strategy that asks least of the user.
/// With what it costs, what is as fast, and what evidence is missing; `environment` tells where to
/// look for it, `programs` what was raced by run --exec. A cell without trials is not recommended.
Recommendation recommend(const std::vector<CellResult>& cells, const Environment& environment = {},
                         const std::vector<ProgramResult>& programs = {});

}  // namespace npyrace
