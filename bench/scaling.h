#pragma once
// What more writers brought, by experiment: cells that differ in nothing but their number.

#include <vector>

#include "core/result.h"

namespace npyrace {

/// One for every way to write that was raced with several numbers of writers. Speed counts only
/// where nothing was lost: in safe cells, and in those of one writer, who has nobody to lose to.
std::vector<Scaling> scalings(const std::vector<CellResult>& cells);

}  // namespace npyrace
