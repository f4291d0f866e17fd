#pragma once
// The case of the mailing-list thread: 1440 queue jobs, 60 000 (start, finish) pairs, one file.

#include "bench/scenarios/axes.h"

namespace npyrace {

Axes timing_log_axes(std::size_t caches);

}  // namespace npyrace
