#pragma once
// What more writers bring, and where they stop to.

#include "bench/scenarios/axes.h"

namespace npyrace {

Axes scaling_axes(std::size_t caches);

}  // namespace npyrace
