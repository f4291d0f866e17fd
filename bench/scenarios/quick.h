#pragma once
// The first question: what is safe here, and what is fast.

#include "bench/scenarios/axes.h"

namespace npyrace {

Axes quick_axes(std::size_t caches);

}  // namespace npyrace
