#pragma once
// The result as JUnit's XML: one test case a cell.

#include <string>

#include "core/result.h"

namespace npyrace {

/// `unsafe` is a failure and `failed` an error. `inconclusive` and `skipped` are skipped test cases
/// with their reason: neither may pass for "safe".
std::string junit_report(const RunResult& result);

}  // namespace npyrace
