#include "reports/text/run_sections.h"
#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("scaling as text: cells that do not count have no speed", "[scaling_report]") {
  Scaling scaling{.strategy = "mmap",
                  .layout = "padded-block",
                  .align_bytes = 4096,
                  .ownership = "cyclic",
                  .sync = "end",
                  .cache = "warm",
                  .launcher = "process",
                  .points = {{1, 1.5e6, {}, true}, {2, 9e9, {}, false}},
                  .reason = "no knee: 1 of 2 numbers of writers were safe, two are needed"};
  CHECK(scaling_report({scaling}) == R"(
scaling: mmap, padded-block at 4096 bytes, cache warm, cyclic, sync end,
  process: records/s of writers 1: 1.50 M, 2: not safe: no knee: 1 of 2 numbers
  of writers were safe, two are needed
)");
  scaling.knee_writers = 1;
  scaling.reason = "more than 1 bring nothing beyond noise";
  CHECK(scaling_report({scaling}).find("knee at 1: more than 1") != std::string::npos);
  CHECK(scaling_report({}).empty());
}
