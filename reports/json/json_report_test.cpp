#include "reports/json/json_report.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

RunResult small_result() {
  RunResult result;
  result.google_benchmark_json = R"({"context": {"num_cpus": 2}, "benchmarks": []})";
  result.cells.resize(1);
  result.cells[0].verdict = Verdict::unsafe;
  result.cells[0].anomalies[Anomaly::torn] = 4;
  result.cells[0].examples = {{.anomaly = Anomaly::torn, .record = 9, .unit_writers = {1, 2}}};
  return result;
}

}  // namespace

TEST_CASE("Google Benchmark's part stays unchanged; npyrace adds one key", "[json]") {
  const auto json = nlohmann::json::parse(json_report(small_result()));
  CHECK(json.size() == 3);
  CHECK(json["context"]["num_cpus"] == 2);
  CHECK(json["npyrace"]["schema_version"] == kSchemaVersion);
  CHECK(json["npyrace"]["cells"][0]["verdict"] == "unsafe");
}

TEST_CASE("every class of anomaly is counted by name, also those that are zero", "[json]") {
  const auto json = nlohmann::json::parse(json_report(small_result()));
  const auto& counts = json["npyrace"]["cells"][0]["anomalies"];
  CHECK(counts.size() == kAnomalyClasses);
  CHECK(counts["torn"] == 4);
  CHECK(counts["lost"] == 0);
  CHECK(json["npyrace"]["cells"][0]["examples"][0]["class"] == "torn");
  CHECK(json["npyrace"]["cells"][0]["examples"][0]["unit_writers"] == std::vector<int>{1, 2});
}

TEST_CASE("invalid UTF-8 and numbers beyond double precision are preserved", "[json]") {
  RunResult result = small_result();
  result.cells[0].reason = "bad \xff byte";
  result.seed = 0xfffffffffffffff1;
  const auto json = nlohmann::json::parse(json_report(result));
  CHECK(json["npyrace"]["cells"][0]["reason"] == "bad \xEF\xBF\xBD byte");
  CHECK(json["npyrace"]["seed"].get<std::uint64_t>() == 0xfffffffffffffff1);
}

TEST_CASE("JSON that is not Google Benchmark's is rejected with an error", "[json]") {
  RunResult result = small_result();
  result.google_benchmark_json = "{";
  CHECK_THROWS_AS(json_report(result), FormatError);
}
