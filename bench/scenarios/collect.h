#pragma once
// One shared file, or something else first: all to the moment when one np.load reads everything.

#include "bench/scenarios/axes.h"

namespace npyrace {

Axes collect_axes(std::size_t caches);

}  // namespace npyrace
