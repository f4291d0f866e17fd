#pragma once
// Output of `verify` for people.

#include <string>

#include "core/result/result.h"

namespace npyrace {

/// One line per file, followed by its anomalies by class and their first examples.
std::string verify_report(const RunResult& result);

/// "lost      record 17 of writer 3 at byte 400: expected generation 2, found generation 1"
std::string example_line(const Example& example);

}  // namespace npyrace
