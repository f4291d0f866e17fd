#pragma once
// Repetitions that were really measured, to count on how often a gate errs.

#include <map>
#include <string>
#include <vector>

#include "bench/compare/measurements.h"

namespace npyrace {

/// By series: the runs in the order they were made.
using Recorded = std::map<std::string, std::vector<Measurements>>;

/// What record.py wrote.
Recorded read_recorded(const std::string& path);

}  // namespace npyrace
