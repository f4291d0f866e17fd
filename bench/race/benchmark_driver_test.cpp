#include <nlohmann/json.hpp>

#include "bench/race/reference.h"
#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("a case whose first repetition fails reports only errors and does not crash",
          "[benchmark-driver]") {
  for (const int bad : {0, 1, 3}) {
    CAPTURE(bad);
    int calls = 0;
    const auto json = nlohmann::json::parse(
        run_benchmarks({{.name = "case", .repetitions = 5, .measure = [&]() -> Measurement {
                           if (calls++ == bad) return {.error = "broken"};
                           return {.seconds = 1, .items = 7, .bytes = 9};
                         }}}));
    int fine = 0;
    int errors = 0;
    for (const auto& row : json["benchmarks"]) {
      if (row["run_type"] != "iteration") continue;
      (row.value("error_occurred", false) ? errors : fine) += 1;
    }
    CHECK(calls == bad + 1);
    CHECK(fine == bad);
    CHECK(errors == 5 - bad);
  }
}
