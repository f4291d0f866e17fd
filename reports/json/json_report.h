#pragma once
// The result as JSON: Google Benchmark's own object with one more key, "npyrace". The form is fixed
// by reports/result.schema.json.

#include <string>

#include "core/result/result.h"

namespace npyrace {

inline constexpr int kSchemaVersion = 1;

/// Ends with a newline. Always valid UTF-8. Throws FormatError when google_benchmark_json is none.
std::string json_report(const RunResult& result);

}  // namespace npyrace
