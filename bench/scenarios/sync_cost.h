#pragma once
// What it costs to ask for safety often.

#include "bench/scenarios/axes.h"

namespace npyrace {

Axes sync_cost_axes(std::size_t caches);

}  // namespace npyrace
