#include "reports/text/terminal_report.h"

#include <sstream>

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
  result.evidence.trials = 6000;
  result.evidence.chance_to_miss = 0.00247;
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

TEST_CASE("parameters that differ are columns of the table; the others are printed above it",
          "[terminal]") {
  CHECK(terminal_report(one_of_each(), {}) ==
        R"(npyrace 1.2.3: quick on /data/a (nfs4) and /data/b (nfs4), seed 7
align 4096 bytes, ownership cyclic, sync end, launcher process, cache as-is,
  writers 4, records 8192, record 16 bytes, generations 2

strategy  layout        verdict  records/s  anomalies        interval
mmap      packed        unsafe   2.50 M     17 lost, 1 torn  2.25 M .. 2.75 M
pwrite    padded-block  safe     1.23 k     none             1.11 k .. 1.36 k
mmap      padded-block  skipped  -          -                -

unsafe (mmap, packed): 17 lost, 1 torn
  first at byte 176: record 3 of writer 3: expected generation 2, found
  generation 1; its unit is shared by writers 0, 3
skipped (mmap, padded-block): /data/a/x.npy: mmap: No such device

for reference: memory-copy 9.87 GB/s
power: an update lost once in 1000 neighbouring units would be missed with a
  chance of 0.25 %

Recommendation: pwrite, padded-block at 4096 bytes: the fastest that is safe.
  NumPy: os.pwrite(...)
)");
}

TEST_CASE("a contradiction of the file system's promise comes first", "[terminal]") {
  RunResult result = one_of_each();
  result.contradictions = {"ocfs2 promises much and kept little"};
  result.environment.mounts[0].option_notes = {"nolock: locks do not reach the other nodes"};
  const std::string text = terminal_report(result, {});
  CHECK(text.starts_with("CONTRADICTION: ocfs2 promises much and kept little\n\nnpyrace"));
  CHECK(text.find("mounted with nolock: locks do not") != std::string::npos);
}

TEST_CASE("stripes are reported where they are known", "[terminal]") {
  RunResult result = one_of_each();
  CHECK(terminal_report(result, {}).find("stripes") == std::string::npos);
  MountResult& mount = result.environment.mounts[0];
  mount.dir = "/lustre";
  mount.stripe_bytes = 1048576;
  const auto says = [&](const char* words) {
    return terminal_report(result, {}).find(words) != std::string::npos;
  };
  CHECK(says("\nnew files in /lustre have stripes of 1048576 bytes\n"));
  mount.stripe_count = 4;
  CHECK(says("\nnew files in /lustre have stripes of 1048576 bytes on 4 objects\n"));
}

TEST_CASE("the effect of alignment is reported if several alignments were raced", "[terminal]") {
  RunResult result = one_of_each();
  result.separations = {
      {.strategy = "mmap",
       .cache = "warm",
       .alignments = 3,
       .unsafe_up_to_bytes = 2048,
       .safe_from_bytes = 4096},
      {.strategy = "pwrite", .cache = "as-is", .alignments = 2, .packed_safe = true},
      {.strategy = "mmap-window", .cache = "as-is", .alignments = 2, .unsafe_up_to_bytes = 8192},
      {.strategy = "pwrite-lock", .cache = "as-is", .alignments = 1, .safe_from_bytes = 4096}};
  const std::string text = terminal_report(result, {});
  CHECK(text.find("alignment: mmap, cache warm: unsafe up to 2048 bytes, safe from 4096 on\n"
                  "alignment: pwrite: needs none, packed is safe\n"
                  "alignment: mmap-window: unsafe at 8192 bytes and below\n"
                  "\n") != std::string::npos);
}

TEST_CASE("advice on alignment claims no more than the evidence shows", "[terminal]") {
  RunResult result = one_of_each();
  const auto told = [&](Attribution attribution) {
    result.cells[0].attribution = attribution;
    return terminal_report(result, {});
  };
  const auto says = [&](Attribution attribution, const char* words) {
    return told(attribution).find(words) != std::string::npos;
  };
  CHECK(says({.damaged = 9, .at_least_bytes = 32, .separating_bytes = 4096},
             "with an alignment of 4096 bytes nothing was lost in the"));
  CHECK(says({.damaged = 9, .at_least_bytes = 32, .at_most_bytes = 512},
             "an alignment of 32 to 512 bytes would have separated them"));
  CHECK(says({.damaged = 9, .at_least_bytes = 32}, "granularity tests whether an alignment"));
  CHECK(says({.damaged = 9, .unexplained = 2}, "2 of 9 damaged records share no unit"));
  CHECK(says({.damaged = 9, .at_least_bytes = 4096, .at_most_bytes = 4096},
             "an alignment of 4096 bytes would have separated them"));
  CHECK(says({.damaged = 9, .at_least_bytes = 262144}, "does not come in units"));
  CHECK(says({.damaged = 9, .at_least_bytes = 64, .failing_bytes = 4096},
             "an alignment of 4096 bytes did not help in the same run"));
  CHECK(says({.damaged = 9, .at_least_bytes = 512, .at_most_bytes = 8192, .failing_bytes = 4096},
             "an alignment of 512 to 8192 bytes would have separated them"));
  result.cells[0].anomalies[Anomaly::corrupt] = 1000;
  CHECK(says({.damaged = 9, .at_least_bytes = 32, .at_most_bytes = 512, .separating_bytes = 4096},
             "no alignment helps: most of these records hold bytes that no writer wrote"));
}

TEST_CASE("the power line is that of the safe cell with the fewest trials", "[terminal]") {
  RunResult result = one_of_each();
  result.cells[0].evidence = {.trials = 10, .chance_to_miss = 0.99};
  result.cells[1].evidence = {.records_checked = 1, .trials = 6000, .chance_to_miss = 0.00247};
  CHECK(terminal_report(result, {})
            .find("power: an update lost once in 1000 neighbouring units would be missed with a\n"
                  "  chance of 0.25 %\n") != std::string::npos);
  result.cells[1].evidence.chance_to_miss = 0.3;
  CHECK(terminal_report(result, {}).find("30 %: more --generations") != std::string::npos);
  result.cells[1].verdict = Verdict::unsafe;
  CHECK(terminal_report(result, {}).find("power") == std::string::npos);
}

TEST_CASE("a long list of remarks on cells is truncated", "[terminal]") {
  RunResult result = one_of_each();
  result.cells = std::vector<CellResult>(20, result.cells[0]);
  const std::string text = terminal_report(result, {});
  CHECK(text.find("... and 12 more cells; --json FILE has all") != std::string::npos);
}

TEST_CASE("a recommendation of a missing cell is printed without reading past the end",
          "[terminal]") {
  RunResult result = one_of_each();
  result.cells.resize(1);
  result.recommendation = {.cell = "gone/packed", .why = "it was safe"};
  CHECK(terminal_report(result, {}).find("Recommendation: gone/packed: it was safe.") !=
        std::string::npos);
}

TEST_CASE("the last line names inconclusive cells", "[terminal]") {
  RunResult result = one_of_each();
  result.cells[1].verdict = Verdict::inconclusive;
  result.recommendation = {.why = "no cell was safe here"};
  const std::string text = terminal_report(result, {});
  CHECK(
      text.ends_with("Recommendation: none; no cell was safe here.\n"
                     "inconclusive: 1 of 3 cells\n"));
}

TEST_CASE("only verdicts are coloured, and only on request", "[terminal]") {
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

TEST_CASE("a table that would be too wide omits intervals", "[terminal]") {
  RunResult result = one_of_each();
  result.cells[0].anomalies[Anomaly::hole] = 123456;
  result.cells[0].anomalies[Anomaly::misplaced] = 17;
  const std::string text = terminal_report(result, {});
  CHECK(text.find("interval") == std::string::npos);
  CHECK(text.find("2.50 M") != std::string::npos);
}

TEST_CASE("long names of equally fast cells are shortened to fit a line", "[terminal]") {
  RunResult result;
  result.cells = {cell("mmap", "packed", Verdict::safe, 1)};
  result.recommendation.cell = "mmap/packed";
  result.recommendation.ties = {
      "pwrite-batch/padded-block@4096/cyclic/end/process/writers:4/mounts:2/records:8192x16/generations:50",
      "pwrite-batch/padded-block@4096/cyclic/end/process/writers:4/mounts:2/records:8192x16/cache:warm"};
  const std::string text = terminal_report(result, {});
  CHECK(text.find("pwrite-batch/padded-block@4096,") != std::string::npos);
  CHECK(text.find("(cache:warm)") != std::string::npos);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
}

TEST_CASE("results of one node are marked as such, prominently on a network file system",
          "[terminal]") {
  RunResult result = one_of_each();
  CHECK(terminal_report(result, {}).find("ONE NODE") == std::string::npos);
  result.environment.mounts = {{.dir = "/data/a", .fs_type = "nfs4", .one_node = false}};
  std::string text = terminal_report(result, {});
  CHECK(text.starts_with("ONE NODE ONLY: nodes share /data/a (nfs4)"));
  CHECK(text.find("(docs/launchers.md)") < text.find("npyrace 1.2.3"));
  result.environment.mounts[0].one_node = true;
  text = terminal_report(result, {});
  CHECK(text.find("ONE NODE: nothing here was shared between nodes") <
        text.find("strategy  layout"));
  result.environment.ranks = RanksResult{.hosts = {"a", "b"}};
  CHECK(terminal_report(result, {}).find("ONE NODE") == std::string::npos);
  result.environment.ranks = RanksResult{.hosts = {"a", "a"}};
  CHECK(terminal_report(result, {}).find("ONE NODE: nothing") != std::string::npos);
  result.environment.ranks.reset();
  for (CellResult& cell : result.cells) {
    cell.cell.launcher = "slurm";
    cell.cell.layout = "packed";
    cell.evidence.records_checked = 8;
    cell.evidence.units_shared_by_mounts = 1;
  }
  CHECK(terminal_report(result, {}).find("ONE NODE") == std::string::npos);
  for (CellResult& cell : result.cells) cell.evidence.units_shared_by_mounts = 0;
  CHECK(terminal_report(result, {}).find("ONE NODE: nothing") != std::string::npos);
}

TEST_CASE("an interrupted result says so first", "[terminal]") {
  RunResult result = one_of_each();
  result.interrupted = true;
  CHECK(terminal_report(result, {}).starts_with("INTERRUPTED: "));
}

TEST_CASE("a program that loses on one node gets no advice on alignment", "[terminal]") {
  RunResult result = one_of_each();
  result.cells[0].attribution = {.damaged = 9, .at_least_bytes = 32, .at_most_bytes = 4096};
  result.cells[0].cell.launcher = "exec";
  result.cells[0].cell.mounts = 1;
  CHECK(terminal_report(result, {}).find("alignment of") == std::string::npos);
}
