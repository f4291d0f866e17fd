#include "bench/remote/rank_words.h"

#include "core/base/error.h"
#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("findings are transferred unchanged", "[ranks]") {
  Findings findings{.records_checked = 7, .unwritten = 2, .uncached_differences = 3};
  findings.add({.anomaly = Anomaly::torn,
                .record = 9,
                .offset_bytes = 272,
                .writer = 1,
                .expected = "generation 2",
                .found = "\xff",  // invalid in every encoding; must not end the race
                .view = "direct@/a",
                .unit = 4,
                .unit_writers = {1, 3}});
  findings.add_damaged(9);
  findings.damaged_tiles = {{3, 17}, {511, 1}};
  const Findings read = findings_from_text(to_text(findings));
  CHECK(read.records_checked == 7);
  CHECK(read.unwritten == 2);
  CHECK(read.uncached_differences == 3);
  CHECK(read.anomalies[Anomaly::torn] == 1);
  CHECK(read.damaged == std::vector<std::uint64_t>{9});
  CHECK(read.damaged_tiles == findings.damaged_tiles);
  REQUIRE(read.examples.size() == 1);
  const Example& example = read.examples.front();
  CHECK(example.anomaly == Anomaly::torn);
  CHECK(example.record == 9);
  CHECK(example.offset_bytes == 272);
  CHECK(example.writer == 1);
  CHECK(example.expected == "generation 2");
  CHECK(example.view == "direct@/a");
  CHECK(example.unit == 4);
  CHECK(example.unit_writers == std::vector<std::uint64_t>{1, 3});
}

TEST_CASE("a rank receives both paths of a file", "[ranks]") {
  const RankOrder order = rank_order_from_text(to_text(RankOrder{
      .task = Task::see, .file = {.made = "/here/f.npy", .path = "/there/f.npy", .bytes = 7}}));
  CHECK(order.task == Task::see);
  CHECK(order.file.made == "/here/f.npy");
  CHECK(order.file.path == "/there/f.npy");
  CHECK(order.file.bytes == 7);
}

TEST_CASE("a rank receives an agent's step unchanged", "[ranks]") {
  const RankOrder order =
      rank_order_from_text(to_text(RankOrder{.task = Task::play, .step = "pread h 0 16"}));
  CHECK(order.task == Task::play);
  CHECK(order.step == "pread h 0 16");
}

TEST_CASE("a rank scans the same records as rank 0 would", "[ranks]") {
  const ArrayMap map({.records = 100, .writers = 2, .seed = 4});
  const ScanRequest request{
      .subject = {.map = map,
                  .stamper = Stamper(77),
                  .expectation = {.generation = 3, .promises = {{1, 2, 30}, {3, 3, 0}}}},
      .judge = {&find_read_path("direct"), "/b/f.npy", "direct@/b"},
      .views = {{&find_read_path("mmap"), "/a/f.npy", "mmap@/a"}},
      .part = 1,
      .parts = 3};
  const std::string text = to_text(request);
  CHECK(rank_order_from_text(text).task == Task::scan);
  const RemoteScan scan = remote_scan_from_text(text);
  CHECK(scan.array.records == 100);
  CHECK(scan.array.writers == 2);
  CHECK(scan.array.seed == 4);
  CHECK(scan.stamp_seed == 77);
  CHECK(scan.expectation.generation == 3);
  REQUIRE(scan.expectation.promises.size() == 2);
  CHECK(scan.expectation.promises[0].kept == 1);
  CHECK(scan.expectation.promises[0].newest == 2);
  CHECK(scan.expectation.promises[0].newest_records == 30);
  CHECK(std::string(scan.judge.read_path->name) == "direct");
  CHECK(scan.judge.path == "/b/f.npy");
  REQUIRE(scan.views.size() == 1);
  CHECK(scan.views[0].label == "mmap@/a");
  CHECK(scan.part == 1);
  CHECK(scan.parts == 3);
}

TEST_CASE("a rank's report is transferred unchanged", "[ranks]") {
  const RankReport report{.state = WriterState::failed,
                          .message = "full",
                          .begun = 3,
                          .finished = 2,
                          .acknowledged_records = 11,
                          .report = {.start_ns = 1,
                                     .end_ns = 2,
                                     .write_start_ns = 3,
                                     .written_ns = 4,
                                     .write_end_ns = 5,
                                     .phases = {.open = 6, .collect = 7},
                                     .cpu_seconds = 8}};
  const RankReport read = rank_report_from_text(to_text(report));
  CHECK(read.state == WriterState::failed);
  CHECK(read.message == "full");
  CHECK(read.begun == 3);
  CHECK(read.finished == 2);
  CHECK(read.acknowledged_records == 11);
  CHECK(read.report.start_ns == 1);
  CHECK(read.report.end_ns == 2);
  CHECK(read.report.write_start_ns == 3);
  CHECK(read.report.written_ns == 4);
  CHECK(read.report.write_end_ns == 5);
  CHECK(read.report.phases.open == 6);
  CHECK(read.report.phases.collect == 7);
  CHECK(read.report.cpu_seconds == 8);
}

TEST_CASE("a message with a number that does not fit is refused by its key", "[ranks]") {
  std::string report = to_text(RankReport{.begun = 17});
  report.replace(report.find("17"), 2, "3.25e20");
  CHECK_THROWS_WITH(rank_report_from_text(report),
                    "report of a rank: begun: a whole number from 0 to 4294967295 is expected");
  CHECK_THROWS_AS(rank_order_from_text(R"({"task": 99})"), FormatError);
  CHECK_THROWS_AS(rank_report_from_text(R"({"state": -1})"), FormatError);
}

TEST_CASE("an error can take the place of any reply", "[ranks]") {
  const std::string trouble = trouble_text("no such file");
  CHECK_THROWS_WITH(findings_from_text(trouble), "no such file");
  CHECK_THROWS_WITH(rank_place_from_text(trouble), "no such file");
  CHECK_THROWS_WITH(require_no_trouble(trouble), "no such file");
  CHECK_NOTHROW(require_no_trouble(""));
  CHECK_THROWS_AS(findings_from_text("{"), FormatError);
  CHECK_THROWS_AS(findings_from_text("{}"), FormatError);
}

TEST_CASE("ranks of one kernel share a page cache, even under different host names", "[ranks]") {
  const RankPlace here{.host_name = "a", .kernel = "1", .caches = {"1:7", "1:8"}};
  const RankPlace container{.host_name = "b", .kernel = "1", .caches = {"1:7", "1:8"}};
  const RankPlace elsewhere{.host_name = "c", .kernel = "2", .caches = {"2:7", "2:8"}};
  const std::vector<RankPlace> places{here, container, container, elsewhere, elsewhere};
  // Rank w uses directory w modulo 2.
  const auto caches = caches_of(places, 5);
  CHECK(caches[0] == caches[2]);
  CHECK(caches[0] != caches[1]);
  CHECK(caches[3] != caches[1]);
  CHECK(caches[4] != caches[0]);
  CHECK(caches_of(places, 3).size() == 3);
  CHECK(count_kernels(places, 3) == 1);
  CHECK(count_kernels(places, 5) == 2);
}
