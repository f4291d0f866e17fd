#pragma once
// How far apart records must lie: a sweep of alignments.

#include "bench/scenarios/axes.h"

namespace npyrace {

Axes granularity_axes(std::size_t caches);

}  // namespace npyrace
