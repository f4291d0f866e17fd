#pragma once
// The result as JSON: Google Benchmark's object with an additional key "npyrace". The format is
// defined by reports/result.schema.json.

#include <cstdint>
#include <string>

#include "core/result/result.h"

namespace npyrace {

inline constexpr std::uint64_t kSchemaVersion = 1;

/// Ends with a newline. Always valid UTF-8. Throws FormatError if google_benchmark_json is
/// malformed.
std::string json_report(const RunResult& result);

}  // namespace npyrace
