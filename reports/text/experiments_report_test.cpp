#include "reports/text/experiments_report.h"

#include "reports/text/terminal_report.h"
#include "tests/catch.h"
#include "tests/test_result.h"

using namespace npyrace;
using Catch::Matchers::ContainsSubstring;

namespace {

ExperimentResult experiment(const char* name, std::optional<Verdict> verdict) {
  return {.scenario = "create-race",
          .name = name,
          .verdict = verdict,
          .reason = "because",
          .counts = {{"tries", 4}, {"records_lost", 2}}};
}

}  // namespace

TEST_CASE("experiments have one table per scenario, with a remark on those that did not succeed",
          "[experiments_report]") {
  ExperimentResult lost = experiment("w+", Verdict::unsafe);
  lost.examples = {"try 1: record 3 is gone"};
  CHECK(experiments_report({lost, experiment("link", Verdict::safe)}) == R"(
create-race:

experiment  verdict  tries  records lost
w+          unsafe   4      2
link        safe     4      2

unsafe (w+): because
  try 1: record 3 is gone
)");
}

TEST_CASE("experiments that only measure have no table of verdicts", "[experiments_report]") {
  ExperimentResult one = experiment("mmap", std::nullopt);
  one.scenario = "first-touch";
  one.latencies = {{"first write", 8, 1.5e-6, 2e-6, 3e-3, 1.25, {}}};
  CHECK(experiments_report({one}) == R"(
first-touch:

experiment         samples  p50      p90      p99      max
mmap, first write  8        1.50 us  2.00 us  3.00 ms  1.25 s
)");
  CHECK_THAT(experiments_markdown({one}), ContainsSubstring("| mmap, first write | 8 | 1.50 us |"));
}

TEST_CASE("times in three digits", "[experiments_report]") {
  CHECK(short_seconds(0) == "0.00 s");
  CHECK(short_seconds(12e-9) == "12.0 ns");
  CHECK(short_seconds(123.4e-6) == "123 us");
  CHECK(short_seconds(0.9999) == "1.00 s");
}

TEST_CASE("the last line says which experiments are inconclusive", "[experiments_report]") {
  RunResult result;
  result.scenarios = {"create-race"};
  result.experiments = {experiment("w+", Verdict::inconclusive), experiment("x", Verdict::safe)};
  const std::string text = terminal_report(result, {});
  CHECK(text.ends_with("inconclusive: 1 of 2 experiments\n"));
}

TEST_CASE("a random cell of soak is shown alone, with its command", "[experiments_report]") {
  RunResult result = full_test_result();
  const std::string text = terminal_report(result, {});
  CHECK_THAT(text, ContainsSubstring("unsafe (mmap/packed): 7 lost"));
  CHECK_THAT(text, ContainsSubstring("  again: npyrace run --seed 7\n"));
  CHECK(text.find("mmap      packed") == std::string::npos);
}
