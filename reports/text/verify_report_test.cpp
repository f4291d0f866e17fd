#include "reports/text/verify_report.h"

#include "reports/text/cell_words.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

RunResult two_files() {
  RunResult result;
  result.cells.resize(2);
  result.cells[0].file = "a.npy";
  result.cells[0].verdict = Verdict::unsafe;
  result.cells[0].reason = "damaged records";
  result.cells[0].evidence.records_checked = 100;
  result.cells[0].evidence.judge = "direct@.";
  result.cells[0].anomalies[Anomaly::hole] = 1;
  result.cells[0].examples = {{.anomaly = Anomaly::hole,
                               .record = 5,
                               .offset_bytes = 208,
                               .writer = 1,
                               .expected = "generation 1",
                               .found = "zeros",
                               .unit_writers = {0, 1}}};
  result.cells[1].file = "b.npy";
  result.cells[1].verdict = Verdict::failed;
  result.cells[1].reason = "b.npy: open: No such\nfile";
  return result;
}

}  // namespace

TEST_CASE("a file that was read gets its verdict, its anomalies and examples", "[verify]") {
  CHECK(verify_report(two_files()) ==
        "a.npy: unsafe: damaged records\n"
        "       100 records checked, judged by direct@.\n"
        "         1 hole       zeros where a write was acknowledged\n"
        "  hole      record 5 of writer 1 at byte 208: expected generation 1, found zeros; "
        "unit 0 is shared by writers 0, 1\n");
}

TEST_CASE("a file that could not be read gets exactly one line, even if its name has a newline",
          "[verify]") {
  CHECK(failure_lines(two_files()) == "npyrace: b.npy: open: No such\\x0afile\n");
}
