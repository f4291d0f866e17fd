#pragma once
// Your own program as the writer: what `run --exec` races when no scenario is named.

#include "bench/scenarios/axes.h"

namespace npyrace {

Axes exec_axes(std::size_t caches);

}  // namespace npyrace
