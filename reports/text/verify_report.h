#pragma once
// What `verify` tells a person about each file.

#include <string>

#include "core/result/result.h"

namespace npyrace {

/// A line a file; below it its anomalies by class and the first examples of them.
std::string verify_report(const RunResult& result);

/// "lost      record 17 of writer 3 at byte 400: expected generation 2, found generation 1"
std::string example_line(const Example& example);

}  // namespace npyrace
