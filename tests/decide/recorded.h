#pragma once
// Recorded repetitions on which the errors of a gate are counted.

#include <map>
#include <string>
#include <vector>

#include "bench/compare/measurements.h"

namespace npyrace {

/// By series: the runs in the order they were made.
using Recorded = std::map<std::string, std::vector<Measurements>>;

/// Reads a file of record.py.
Recorded read_recorded(const std::string& path);

}  // namespace npyrace
