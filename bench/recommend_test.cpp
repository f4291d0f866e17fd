#include "bench/recommend.h"

#include "tests/catch.h"

using namespace npyrace;

namespace {

CellResult cell(const char* strategy, const char* layout, Verdict verdict, double rate,
                double spread) {
  CellResult result;
  result.cell = {.name = std::string(strategy) + "/" + layout,
                 .strategy = strategy,
                 .layout = layout,
                 .align_bytes = 4096};
  result.verdict = verdict;
  result.records_per_second = rate;
  result.records_per_second_interval = {rate - spread, rate + spread};
  return result;
}

}  // namespace

TEST_CASE("speed never recommends what is not safe", "[recommend]") {
  const Recommendation best = recommend({cell("mmap", "packed", Verdict::unsafe, 100, 1),
                                         cell("pwrite", "packed", Verdict::inconclusive, 90, 1),
                                         cell("pwrite", "padded-block", Verdict::safe, 10, 1)});
  CHECK(best.cell == "pwrite/padded-block");
  CHECK(best.align_bytes == 4096);
  CHECK(recommend({cell("mmap", "packed", Verdict::unsafe, 100, 1)}).cell.empty());
  CHECK(recommend({cell("mmap", "packed", Verdict::unsafe, 100, 1)}).why ==
        "no cell was safe here");
}

TEST_CASE("of cells that cannot be told apart the simpler one wins", "[recommend]") {
  CHECK(recommend({cell("pwrite-batch", "padded-block", Verdict::safe, 100, 5),
                   cell("mmap", "packed", Verdict::safe, 97, 5)})
            .cell == "mmap/packed");
  CHECK(recommend({cell("pwrite-batch", "padded-block", Verdict::safe, 100, 5),
                   cell("mmap", "packed", Verdict::safe, 90, 5)})
            .cell == "pwrite-batch/padded-block");
}

TEST_CASE("a way that is unsafe once somebody has read the file is no advice", "[recommend]") {
  CellResult fast = cell("pwrite-wronly", "packed", Verdict::safe, 100, 1);
  fast.cell.mounts = 2;
  fast.cell.cache = "as-is";
  CellResult warm = fast;
  warm.cell.cache = "warm";
  warm.cell.name += "/cache:warm";
  warm.verdict = Verdict::unsafe;
  CellResult slow = cell("pwrite", "padded-block", Verdict::safe, 10, 1);
  CHECK(recommend({fast, warm, slow}).cell == "pwrite/padded-block");
  // With nothing else to offer it is offered for what it is.
  const Recommendation last = recommend({fast, warm});
  CHECK(last.cell == "pwrite-wronly/packed");
  CHECK(last.why.find("only as long as nobody reads the file on that node: "
                      "pwrite-wronly/packed/cache:warm is unsafe") != std::string::npos);
}

TEST_CASE("between mounts advice without warm pages says so", "[recommend]") {
  CellResult one = cell("pwrite-wronly", "packed", Verdict::safe, 100, 1);
  one.cell.mounts = 2;
  one.cell.cache = "as-is";
  CHECK(recommend({one}).why.find("--cache as-is,warm") != std::string::npos);
  CellResult warm = one;
  warm.cell.cache = "warm";
  CHECK(recommend({one, warm}).why.find("--cache") == std::string::npos);
}

TEST_CASE("one writer for all is only recommended where nothing else is safe", "[recommend]") {
  const CellResult single = cell("single", "packed", Verdict::safe, 1000, 1);
  CHECK(recommend({single, cell("pwrite", "packed", Verdict::safe, 10, 1)}).cell ==
        "pwrite/packed");
  CHECK(recommend({single, cell("pwrite", "packed", Verdict::unsafe, 10, 1)}).cell ==
        "single/packed");
}
