#include "reports/terminal_report.h"

#include "tests/catch.h"

using namespace npyrace;

namespace {

CellResult cell(const char* strategy, const char* layout, Verdict verdict, double rate) {
  CellResult result;
  result.cell = {.name = std::string(strategy) + "/" + layout,
                 .strategy = strategy,
                 .layout = layout,
                 .align_bytes = 4096,
                 .ownership = "cyclic",
                 .sync = "end",
                 .cache = "as-is",
                 .launcher = "process",
                 .writers = 4,
                 .records = 8192,
                 .record_bytes = 16,
                 .generations = 2};
  result.verdict = verdict;
  result.reason = "safe on one node";
  result.evidence.records_checked = 16384;
  result.seconds = {1, 2};
  result.records_per_second = rate;
  result.records_per_second_interval = {rate * 0.9, rate * 1.1};
  return result;
}

RunResult one_of_each() {
  RunResult result;
  result.environment.version = "1.2.3";
  result.environment.mounts = {{.dir = "/data/a", .fs_type = "nfs4"},
                               {.dir = "/data/b", .fs_type = "nfs4"}};
  result.seed = 7;
  result.scenarios = {"quick"};
  result.cells = {cell("mmap", "packed", Verdict::unsafe, 2.5e6),
                  cell("pwrite", "padded-block", Verdict::safe, 1234),
                  cell("mmap", "padded-block", Verdict::skipped, 0)};
  result.cells[0].anomalies[Anomaly::lost] = 17;
  result.cells[0].anomalies[Anomaly::torn] = 1;
  result.cells[0].reason = "17 lost, 1 torn";
  result.cells[0].examples = {{.anomaly = Anomaly::lost,
                               .record = 3,
                               .offset_bytes = 176,
                               .writer = 3,
                               .expected = "generation 2",
                               .found = "generation 1",
                               .unit_writers = {0, 3}}};
  result.cells[2].reason = "/data/a/x.npy: mmap: No such device";
  result.cells[2].seconds = {};
  result.cells[2].evidence.records_checked = 0;
  result.references = {{.name = "reference/memory-copy", .bytes_per_second = 9.87e9}};
  result.recommendation = {.cell = "pwrite/padded-block",
                           .why = "the fastest that is safe",
                           .align_bytes = 4096,
                           .numpy = "os.pwrite(...)"};
  return result;
}

}  // namespace

TEST_CASE("the table says what differs in columns and what does not above it", "[terminal]") {
  CHECK(terminal_report(one_of_each(), {}) ==
        R"(npyrace 1.2.3: quick on /data/a (nfs4) and /data/b (nfs4), seed 7
align 4096 bytes, ownership cyclic, sync end, launcher process, cache as-is,
  writers 4, records 8192 x 16 bytes, generations 2

strategy  layout        verdict  records/s  interval          anomalies
mmap      packed        unsafe   2.50 M     2.25 M .. 2.75 M  17 lost, 1 torn
pwrite    padded-block  safe     1.23 k     1.11 k .. 1.36 k  none
mmap      padded-block  skipped  -          -                 -

unsafe (mmap, packed): 17 lost, 1 torn
  first at byte 176: record 3 of writer 3: expected generation 2, found
  generation 1; its unit is shared by writers 0, 3
skipped (mmap, padded-block): /data/a/x.npy: mmap: No such device

for reference: memory-copy 9.87 GB/s

Recommendation: pwrite, padded-block at 4096 bytes: the fastest that is safe.
  NumPy: os.pwrite(...)
)");
}

TEST_CASE("inconclusive has the last word", "[terminal]") {
  RunResult result = one_of_each();
  result.cells[1].verdict = Verdict::inconclusive;
  result.recommendation = {.why = "no cell was safe here"};
  const std::string text = terminal_report(result, {});
  CHECK(
      text.ends_with("Recommendation: none; no cell was safe here.\n"
                     "inconclusive: 1 of 3 cells\n"));
}

TEST_CASE("colour goes around verdicts only, and only when asked for", "[terminal]") {
  CHECK(terminal_report(one_of_each(), {}).find('\033') == std::string::npos);
  const std::string text = terminal_report(one_of_each(), {.colour = true});
  CHECK(text.find("\033[31munsafe\033[0m") != std::string::npos);
  CHECK(text.find("\033[32msafe\033[0m  ") != std::string::npos);
}

TEST_CASE("a lab is named by its model, not by its folders", "[terminal]") {
  RunResult result = one_of_each();
  result.environment.lab = "nfs";
  CHECK(terminal_report(result, {})
            .starts_with("npyrace 1.2.3: quick on a lab of 2 nodes, model nfs, seed 7\n"));
}

TEST_CASE("numbers have three digits and a unit", "[terminal]") {
  CHECK(short_number(0) == "0.00");
  CHECK(short_number(7.126) == "7.13");
  CHECK(short_number(99.96) == "100");
  CHECK(short_number(999.4) == "999");
  CHECK(short_number(999.6) == "1.00 k");
  CHECK(short_number(12345) == "12.3 k");
  CHECK(short_number(9.876e9) == "9.88 G");
}

TEST_CASE("a table that would be too wide does without intervals", "[terminal]") {
  RunResult result = one_of_each();
  result.cells[0].anomalies[Anomaly::hole] = 123456;
  result.cells[0].anomalies[Anomaly::misplaced] = 17;
  const std::string text = terminal_report(result, {});
  CHECK(text.find("interval") == std::string::npos);
  CHECK(text.find("2.50 M") != std::string::npos);
}
