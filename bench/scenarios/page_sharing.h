#pragma once
// What sharing pages costs, and what padding does about it.

#include "bench/scenarios/axes.h"

namespace npyrace {

Axes page_sharing_axes(std::size_t caches);

}  // namespace npyrace
