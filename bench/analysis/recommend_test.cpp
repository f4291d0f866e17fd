#include "bench/analysis/recommend.h"

#include "tests/catch.h"

using namespace npyrace;

namespace {

CellResult cell(const char* strategy, const char* layout, Verdict verdict, double rate,
                double spread) {
  CellResult result;
  result.cell = {.name = std::string(strategy) + "/" + layout,
                 .strategy = strategy,
                 .layout = layout,
                 .align_bytes = 4096,
                 .sync = "end"};
  result.verdict = verdict;
  result.records_per_second = rate;
  result.records_per_second_interval = {rate - spread, rate + spread};
  result.evidence.trials = 5000;
  result.evidence.chance_to_miss = 0.007;
  return result;
}

}  // namespace

TEST_CASE("an unsafe cell is never recommended, however fast", "[recommend]") {
  const Recommendation best = recommend({cell("mmap", "packed", Verdict::unsafe, 100, 1),
                                         cell("pwrite", "packed", Verdict::inconclusive, 90, 1),
                                         cell("pwrite", "padded-block", Verdict::safe, 10, 1)});
  CHECK(best.cell == "pwrite/padded-block");
  CHECK(best.align_bytes == 4096);
  CHECK(recommend({cell("mmap", "packed", Verdict::unsafe, 100, 1)}).cell.empty());
  CHECK(recommend({cell("mmap", "packed", Verdict::unsafe, 100, 1)}).why ==
        "no cell was safe here");
}

TEST_CASE("advice says that its alignment comes from stripes", "[recommend]") {
  Environment lustre{.mounts = {{.dir = "/lustre", .fs_type = "lustre", .stripe_bytes = 1 << 20}},
                     .page_bytes = 4096};
  CellResult padded = cell("pwrite", "padded-block", Verdict::safe, 10, 1);
  const auto says = [&] {
    return recommend({padded}, lustre).why.find("whole stripes of 1048576 bytes") !=
           std::string::npos;
  };
  CHECK_FALSE(says());  // it was raced with pages
  padded.cell.align_bytes = 1 << 20;
  CHECK(says());
  lustre.mounts[0].stripe_bytes = 0;
  CHECK_FALSE(says());
}

TEST_CASE("the simpler of two indistinguishable cells is recommended", "[recommend]") {
  CHECK(recommend({cell("pwrite-batch", "padded-block", Verdict::safe, 100, 5),
                   cell("mmap", "packed", Verdict::safe, 97, 5)})
            .cell == "mmap/packed");
  CHECK(recommend({cell("pwrite-batch", "padded-block", Verdict::safe, 100, 5),
                   cell("mmap", "packed", Verdict::safe, 90, 5)})
            .cell == "pwrite-batch/padded-block");
}

TEST_CASE("a strategy that is unsafe on warm pages is recommended only if nothing else is safe",
          "[recommend]") {
  CellResult fast = cell("pwrite-wronly", "packed", Verdict::safe, 100, 1);
  fast.cell.mounts = 2;
  fast.cell.cache = "as-is";
  CellResult warm = fast;
  warm.cell.cache = "warm";
  warm.cell.name += "/cache:warm";
  warm.verdict = Verdict::unsafe;
  CellResult slow = cell("pwrite", "padded-block", Verdict::safe, 10, 1);
  CHECK(recommend({fast, warm, slow}).cell == "pwrite/padded-block");
  // If nothing else was safe it is recommended, with its limitation.
  const Recommendation last = recommend({fast, warm});
  CHECK(last.cell == "pwrite-wronly/packed");
  CHECK(last.why.find("only while no process on that node reads the file: with pages in the cache, "
                      "pwrite-wronly/packed/cache:warm lost records") != std::string::npos);
}

TEST_CASE("a recommendation between mounts says if warm pages were not raced", "[recommend]") {
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

TEST_CASE("a strategy without sync is not recommended over one with sync", "[recommend]") {
  CellResult fast = cell("mmap", "packed", Verdict::safe, 1000, 1);
  fast.cell.sync = "none";
  CellResult lost = cell("pwrite-batch", "packed", Verdict::unsafe, 900, 1);
  lost.cell.sync = "none";
  const Recommendation best =
      recommend({fast, lost, cell("pwrite", "packed", Verdict::safe, 10, 1)});
  CHECK(best.cell == "pwrite/packed");
  CHECK(best.fastest_unsafe.empty());  // no cost of safety: the faster cell does not sync either
  CHECK(best.why.find("--sync") == std::string::npos);
  const Recommendation last = recommend({fast});
  CHECK(last.cell == "mmap/packed");
  CHECK(last.why.find("also race --sync end") != std::string::npos);
}

TEST_CASE("the same strategy on warm pages is not listed as a tie", "[recommend]") {
  CellResult warm = cell("mmap", "packed", Verdict::safe, 99, 5);
  warm.cell.cache = "warm";
  warm.cell.name += "/cache:warm";
  CellResult other = cell("pwrite", "packed", Verdict::safe, 98, 5);
  CellResult other_warm = other;
  other_warm.cell.cache = "warm";
  other_warm.cell.name += "/cache:warm";
  const Recommendation best =
      recommend({cell("mmap", "packed", Verdict::safe, 100, 5), warm, other, other_warm});
  CHECK(best.cell == "mmap/packed");
  CHECK(best.ties == std::vector<std::string>{"pwrite/packed"});
}

TEST_CASE("equally fast cells are listed, and the simplest one is recommended", "[recommend]") {
  const Recommendation best = recommend({cell("pwrite-batch", "packed", Verdict::safe, 100, 5),
                                         cell("mmap", "packed", Verdict::safe, 97, 5),
                                         cell("pwrite", "packed", Verdict::safe, 80, 5)});
  CHECK(best.cell == "mmap/packed");
  CHECK(best.ties == std::vector<std::string>{"pwrite-batch/packed"});
}

TEST_CASE("a recommendation states its cost in bytes and the speed of the fastest unsafe cell",
          "[recommend]") {
  CellResult padded = cell("pwrite", "padded-block", Verdict::safe, 10, 1);
  padded.cell.records = 100;
  padded.file_bytes = 409600;
  const CellResult fast = cell("mmap", "packed", Verdict::unsafe, 40, 1);
  const Recommendation best = recommend({fast, padded});
  CHECK(best.bytes_a_record == 4096);
  CHECK(best.fastest_unsafe == "mmap/packed");
  CHECK(best.times_faster == 4);
  // An unsafe cell that is slower is no cost of safety.
  CHECK(recommend({cell("mmap", "packed", Verdict::unsafe, 5, 1), padded}).fastest_unsafe.empty());
}

TEST_CASE("the smallest safe alignment is one above which nothing was unsafe", "[recommend]") {
  const auto at = [](std::uint64_t align_bytes, Verdict verdict) {
    CellResult one = cell("pwrite", "padded-block", verdict, 10, 1);
    one.cell.align_bytes = align_bytes;
    one.cell.name += "@" + std::to_string(align_bytes);
    return one;
  };
  CHECK(recommend({at(64, Verdict::safe), at(512, Verdict::unsafe), at(4096, Verdict::safe),
                   at(8192, Verdict::safe)})
            .smallest_safe_bytes == 4096);
  CHECK(recommend({at(64, Verdict::safe), at(512, Verdict::safe)}).smallest_safe_bytes == 64);
}

TEST_CASE("each open question has a command that answers it", "[recommend]") {
  CellResult one = cell("pwrite", "padded-block", Verdict::safe, 10, 1);
  one.cell.mounts = 1;
  one.cell.ownership = "cyclic";
  one.cell.sync = "end";
  one.cell.writers = 4;
  one.evidence.trials = 460;
  one.evidence.chance_to_miss = 0.63;
  one.seconds = {1, 1};
  const Environment environment{.mounts = {{.dir = "/a b"}}};
  const auto missing = recommend({one}, environment).missing;
  REQUIRE(missing.size() == 3);
  CHECK(missing[0].find("npyrace run --lab nfs") != std::string::npos);
  CHECK(missing[1].find("npyrace run --dir '/a b' --strategies pwrite --layouts padded-block") !=
        std::string::npos);
  CHECK(missing[1].find("--repetitions 21") != std::string::npos);
  CHECK(missing[2].find("npyrace run granularity --dir '/a b' --strategies pwrite") !=
        std::string::npos);
  CHECK(recommend({cell("mmap", "packed", Verdict::unsafe, 1, 1)}, environment)
            .missing[0]
            .find("npyrace run granularity --dir '/a b'") != std::string::npos);
}

TEST_CASE("a safe cell without trials is not recommended", "[recommend]") {
  CellResult untried = cell("mmap", "packed", Verdict::safe, 100, 1);
  untried.evidence.trials = 0;
  CHECK(recommend({untried, cell("pwrite", "packed", Verdict::safe, 1, 0)}).cell ==
        "pwrite/packed");
  CHECK(recommend({untried}).cell.empty());
}

TEST_CASE("suggested commands run the same program on the same array", "[recommend]") {
  CellResult one = cell("exec", "packed", Verdict::inconclusive, 10, 1);
  one.cell.launcher = "exec";
  one.cell.records = 200;
  one.cell.descr = "'<f8'";
  one.cell.row_shape = {25, 2};
  one.evidence.units_shared_by_writers = 5;
  const Environment environment{.mounts = {{.dir = "/a"}}};
  const auto missing = recommend({one}, environment, {{"exec", "python3 job.py"}}).missing;
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].find("npyrace run --dir /a --exec 'python3 job.py' --layouts packed") !=
        std::string::npos);
  CHECK(missing[0].find(R"(--shape 1600,25,2)") != std::string::npos);
  CHECK(missing[0].find("--strategies") == std::string::npos);
  CHECK(missing[0].find("--sync") == std::string::npos);
}

TEST_CASE("two directories behind one page cache do not become two nodes by more records",
          "[recommend]") {
  CellResult one = cell("pwrite", "packed", Verdict::inconclusive, 10, 1);
  one.cell.mounts = 2;
  one.evidence.units_shared_by_writers = 5;
  const auto missing = recommend({one}).missing;
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].find("--records") == std::string::npos);
  CHECK(missing[0].find("npyrace run --lab nfs") != std::string::npos);
}

TEST_CASE("a recommendation of a padded layout names the alignment as well as the calls",
          "[recommend]") {
  const std::string words = recommend({cell("mmap", "padded-block", Verdict::safe, 10, 1)}).numpy;
  CHECK(words.find("units of 4096 bytes of their own") != std::string::npos);
  CHECK(words.find("--recipe DIR") != std::string::npos);
  CHECK(recommend({cell("mmap", "packed", Verdict::safe, 10, 1)}).numpy.starts_with("a = np.load"));
}
