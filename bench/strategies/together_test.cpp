// Strategies with a collector or a single writer, and the result if one writer dies.

#include <barrier>
#include <filesystem>
#include <thread>

#include "bench/storage/race_file.h"
#include "bench/storage/views.h"
#include "bench/strategies/file_per_writer.h"
#include "bench/strategies/writer.h"
#include "core/array/layout.h"
#include "core/file/posix_file.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

constexpr std::uint64_t kWriters = 3;

struct Gone {};

/// Runs all writers at once for one generation. Writer `dies` ends before close, so that it stores
/// nothing complete.
void write_together(const ArrayMap& map, const std::string& path, const Strategy& strategy,
                    unsigned generation, std::uint64_t dies = kWriters) {
  std::barrier stored(kWriters), collected(kWriters);
  std::vector<std::jthread> threads;
  for (std::uint64_t number = 0; number < kWriters; ++number)
    threads.emplace_back([&, number] {
      try {
        Writer writer({.map = map,
                       .stamper = Stamper(5),
                       .writer = number,
                       .path = path,
                       .open_file = open_posix_file,
                       .strategy = strategy,
                       .sync = {},
                       .all_written =
                           [&] {
                             if (number == dies) throw Gone();
                           },
                       .stored = [&] { stored.arrive_and_wait(); },
                       .collected = [&] { collected.arrive_and_wait(); }});
        writer.prepare(generation);
        writer.write();
      } catch (const Gone&) {
        stored.arrive_and_drop();
        collected.arrive_and_drop();
      }
    });
}

Findings judged(const ArrayMap& map, const std::string& path, const std::string& dir,
                Expectation expectation) {
  return scan(
      {.subject = {.map = map, .stamper = Stamper(5), .expectation = std::move(expectation)},
       .open_file = open_posix_file,
       .judge = make_view("pread", path, dir)});
}

std::size_t files_in(const std::string& dir) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(dir)) ++count;
  return count;
}

}  // namespace

TEST_CASE("aggregated writes put every record in its place, whichever writer collects",
          "[together]") {
  for (const StrategyRow& row : strategy_table())
    for (const LayoutRow& layout : layout_table())
      for (const Ownership ownership : {Ownership::block, Ownership::cyclic, Ownership::random}) {
        const ArrayMap map(
            {.records = 1000, .layout = layout.name, .ownership = ownership, .writers = kWriters});
        if (row.strategy.together == Aggregation::nothing) continue;
        if (!row.strategy.unfit_for(map).empty()) continue;
        CAPTURE(row.name, layout.name, ownership_name(ownership));
        const TemporaryFolder folder;
        const RaceFile file({folder.path()}, map, open_posix_file);
        for (const unsigned generation : {1u, 2u}) {
          write_together(map, file.paths().front(), row.strategy, generation);
          const Findings findings =
              judged(map, file.paths().front(), folder.path(), {.generation = generation});
          CHECK(findings.records_checked == 1000);
          CHECK(findings.anomalies.damaging() == 0);
        }
        CHECK(files_in(folder.path()) == 1);
      }
}

TEST_CASE("records of a writer with an incomplete part file stay unchanged", "[together]") {
  for (const char* name : {"file-per-writer", "file-per-writer-reflink"}) {
    CAPTURE(name);
    const ArrayMap map({.records = 900, .ownership = Ownership::block, .writers = kWriters});
    const TemporaryFolder folder;
    {
      const RaceFile file({folder.path()}, map, open_posix_file);
      const Strategy& strategy = find_strategy(name).strategy;
      write_together(map, file.paths().front(), strategy, 1);
      write_together(map, file.paths().front(), strategy, 2, 1);
      const WriterPromise all{.kept = 2, .newest = 2};
      const WriterPromise old{.kept = 1, .newest = 1};
      const Findings findings = judged(map, file.paths().front(), folder.path(),
                                       {.generation = 2, .promises = {all, old, all}});
      CHECK(findings.anomalies.damaging() == 0);
      CHECK(files_in(folder.path()) == 2);  // the incomplete files of the dead writer
    }
    CHECK(files_in(folder.path()) == 0);
  }
}

TEST_CASE("a part file is a .npy file that NumPy can read", "[together]") {
  const ArrayMap map({.records = 10, .writers = kWriters});
  const ArrayMap part = part_map(map, 0);
  CHECK(part.records() == map.count(0));
  CHECK(part.record_bytes() == map.record_bytes());
  CHECK(part.request().layout == "packed");
}

TEST_CASE("only strategies in which writers write their own records can be mixed", "[together]") {
  CHECK(find_strategies("mmap+pwrite").size() == 2);
  CHECK(find_strategies("mmap").size() == 1);
  for (const char* mixture : {"mmap+single", "file-per-writer+pwrite", "exec+pwrite"})
    CHECK_THROWS_WITH(find_strategies(mixture),
                      Catch::Matchers::ContainsSubstring("cannot be mixed"));
  CHECK_THROWS_WITH(find_strategies("mmap+pwrit"), Catch::Matchers::ContainsSubstring("'pwrite'"));
  CHECK_THROWS_AS(find_strategies("mmap+"), UsageError);
}
