#pragma once
// A result in which no member is empty, for tests of reports.

#include "core/result/result.h"

namespace npyrace {

/// Two cells, one of them with three hostile strings: an HTML tag, a pipe with a newline, an escape
/// code.
inline RunResult full_test_result() {
  RunResult result;
  result.google_benchmark_json =
      R"({"context": {"date": "2026-11-25T10:00:00+00:00"}, "benchmarks": []})";
  result.environment = {.page_bytes = 4096,
                        .kernel = "6.1",
                        .host_name = "node1",
                        .lab = "nfs",
                        .ranks = RanksResult{.library = "Open MPI v4", .hosts = {"node1", "node2"}},
                        .version = "0.1.0"};
  result.environment.mounts = {{"/mnt/a",
                                "nfs4",
                                "rw,noac",
                                65536,
                                "close-to-open",
                                "close-to-open",
                                "nfs(5)",
                                "page",
                                false,
                                {"noac: attributes are not cached"},
                                1048576,
                                4}};
  result.seed = 18446744073709551601u;
  result.scenarios = {"quick"};
  result.interrupted = true;
  result.programs = {{"exec:new", "python3 'job.py'"}};
  result.labels = {{"commit", "abc123"}, {"note", "<b>|\n\033[31m\",x"}};
  CellResult safe;
  safe.cell = {.name = "pwrite/packed",
               .scenario = "quick",
               .strategy = "pwrite",
               .layout = "packed",
               .align_bytes = 4096,
               .ownership = "cyclic",
               .sync = "end",
               .cache = "as-is",
               .launcher = "process",
               .writers = 4,
               .mounts = 2,
               .records = 8192,
               .record_bytes = 16,
               .generations = 32,
               .descr = "'<f8'",
               .row_shape = {2}};
  safe.verdict = Verdict::safe;
  safe.reason = "safe between 2 mounts";
  safe.evidence = {8192,
                   32,
                   16,
                   {"pread@/mnt/a", "direct@/mnt/a"},
                   "direct@/mnt/a",
                   true,
                   33,
                   32,
                   0.5,
                   0.75,
                   1e-9,
                   5000,
                   48,
                   "",
                   0.0067};
  safe.seconds = {0.25, 0.125};
  safe.generation_seconds = {0.125, 0.125, 0.0625, 0.0625};
  safe.generation_cpu_seconds = {0.25, 0.25, 0.125, 0.125};
  safe.phases = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6};
  safe.records_per_second = 1.5e6;
  safe.records_per_second_interval = {1e6, 2e6};
  safe.file_bytes = 131200;
  CellResult unsafe = safe;
  unsafe.cell.name = "mmap/packed";
  unsafe.cell.strategy = "mmap";
  unsafe.cell.readers = 2;
  unsafe.verdict = Verdict::unsafe;
  unsafe.reason = "7 lost";
  unsafe.anomalies[Anomaly::lost] = 7;
  unsafe.unwritten = 3;
  unsafe.examples = {{Anomaly::lost,
                      9,
                      272,
                      1,
                      "generation 2",
                      "generation 1",
                      "direct@/mnt/a",
                      0,
                      {0, 1},
                      {0},
                      Region::record,
                      {{272, 288}}}};
  unsafe.attribution = {7, 1, 512, 4096, 8192, 256};
  unsafe.page_map = {4096, {{30, {0, 1}, false}, {3, {1, 2}, true}}, {{0, 5}, {31, 2}}};
  unsafe.file = "/mnt/a/kept.npy";
  unsafe.jobs = JobsResult{4, {3}, {"job 3"}, {"node1"}, {"a and b"}, 0.5, {"node2"}};
  unsafe.replay = Replay{7, "npyrace run --seed 7"};
  unsafe.readers = ReadersResult{
      2, 10, 1000, 1, 2, 3, {{"torn", 5, 1, "gen 1|gen 2", "gen 1", "mmap@/mnt/a"}}, {"died"}};
  result.cells = {safe, unsafe};
  result.separations = {{"mmap", "as-is", "end", "process", 4, 2, 4096, 8192, true}};
  result.scalings = {{"mmap",
                      "packed",
                      4096,
                      "cyclic",
                      "end",
                      "as-is",
                      "process",
                      {{1, 1e6, {9e5, 1.1e6}, true}, {2, 1.5e6, {1e6, 2e6}, false}},
                      1,
                      "more than 1 bring nothing"}};
  result.references = {{"reference/memory-copy", 1 << 24, {0.01, 0.02}, 1e9, "slow"}};
  result.passport = Passport{Promise::session,
                             "mounts",
                             {{"pwrite",
                               "own-pages",
                               "fresh",
                               Promise::session,
                               "open",
                               0.5,
                               4,
                               {{"close", true, true, 0.25}},
                               {"saw old"},
                               "none",
                               true}}};
  result.experiments = {{"create-race",
                         "w+",
                         Verdict::unsafe,
                         "records were lost",
                         {{"tries", 4}, {"records_lost", 2}},
                         {"try 1"},
                         {}},
                        {"first-touch",
                         "mmap",
                         std::nullopt,
                         "8 pages",
                         {{"pages", 8}},
                         {},
                         {{"first write", 8, 1e-6, 2e-6, 3e-6, 4e-6, {{5e-7, 1.5e-6, 8}}}}}};
  result.contradictions = {"promised coherent, seen unsafe"};
  result.recommendation = {"pwrite/packed",
                           "the fastest that is safe",
                           4096,
                           "os.pwrite(...)",
                           {"pwrite-batch/packed"},
                           4096,
                           16.5,
                           "mmap/packed",
                           3.5,
                           {"one node: npyrace run --dir A,B"},
                           {{"job.py", "# every job"}}};
  return result;
}

}  // namespace npyrace
