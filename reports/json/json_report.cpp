#include "reports/json/json_report.h"

#include "core/base/error.h"
#include "reports/json/result_fields.h"

namespace npyrace {

std::string json_report(const RunResult& result) {
  try {
    JsonDocument document(result.google_benchmark_json);
    RunResult copy = result;
    document.write("npyrace", copy);
    return document.lines(NotUtf8::replaced) + "\n";
  } catch (const FormatError& error) {
    throw FormatError(std::string("Google Benchmark's JSON: ") + error.what());
  }
}

}  // namespace npyrace
