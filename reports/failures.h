#pragma once
// What could not be run, for standard error.

#include <string>

#include "core/result.h"

namespace npyrace {

/// One line "npyrace: …" for every failed cell, experiment and reference; of verify the reason
/// alone, which names the file.
std::string failure_lines(const RunResult& result);

}  // namespace npyrace
