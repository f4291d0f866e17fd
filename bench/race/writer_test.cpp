#include "bench/strategies/writer.h"

#include <stdexcept>

#include "bench/storage/race_file.h"
#include "bench/storage/views.h"
#include "core/file/posix_file.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"
#include "tests/usable.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

constexpr std::uint64_t kSeed = 5;
constexpr std::uint64_t kRecords = 30;  // of writer 0, one of three

/// Simulates the failure of a writer directly after a sync.
struct WriterFailure : std::runtime_error {
  WriterFailure() : std::runtime_error("failure") {}
};

/// Packed; padded for strategies that need units of their own.
ArrayMap array_of(Ownership ownership, const StrategyRow& strategy) {
  ArrayRequest request{.records = 90, .ownership = ownership, .writers = 3};
  if (!strategy.strategy.unfit_for(ArrayMap(request)).empty()) request.layout = "padded-record";
  return ArrayMap(request);
}

/// The successive acknowledgements of writer 0, which dies after `most` of them.
std::vector<std::uint64_t> acknowledged(const ArrayMap& map, const std::string& path,
                                        const StrategyRow& strategy, const char* sync,
                                        std::size_t most = 1000) {
  std::vector<std::uint64_t> counts;
  Writer writer({.map = map,
                 .stamper = Stamper(kSeed),
                 .writer = 0,
                 .path = path,
                 .open_file = open_posix_file,
                 .strategy = strategy.strategy,
                 .sync = parse_sync_policy(sync),
                 .acknowledge = [&](std::uint64_t records) {
                   counts.push_back(records);
                   if (counts.size() == most) throw WriterFailure();
                 }});
  writer.prepare(1);
  try {
    writer.write();
  } catch (const WriterFailure&) {
  }
  return counts;
}

}  // namespace

TEST_CASE("each sync acknowledges the writes before it, and the last one acknowledges all",
          "[writer]") {
  using Counts = std::vector<std::uint64_t>;
  for (const Ownership ownership : {Ownership::block, Ownership::cyclic, Ownership::random})
    for (const StrategyRow& strategy : strategy_table()) {
      CAPTURE(strategy.name, ownership_name(ownership));
      const TemporaryFolder folder;
      const ArrayMap map = array_of(ownership, strategy);
      if (!testing::writes_alone(strategy, map, folder.path())) continue;
      const RaceFile file({folder.path()}, map, open_posix_file);
      const std::string path = file.paths().front();
      CHECK(acknowledged(map, path, strategy, "none") == Counts{kRecords});
      CHECK(acknowledged(map, path, strategy, "end") == Counts{kRecords, kRecords});
      CHECK(acknowledged(map, path, strategy, "every:13") == Counts{13, 26, kRecords, kRecords});
      const Counts each = acknowledged(map, path, strategy, "record");
      REQUIRE(each.size() == kRecords + 2);
      for (std::uint64_t i = 0; i < kRecords; ++i) CHECK(each[i] == i + 1);
    }
}

TEST_CASE("records acknowledged before a writer died are checked; later ones may be missing",
          "[writer]") {
  for (const Ownership ownership : {Ownership::block, Ownership::cyclic, Ownership::random})
    for (const StrategyRow& strategy : strategy_table()) {
      for (const std::size_t most : {1u, 2u, 3u}) {
        CAPTURE(strategy.name, ownership_name(ownership), most);
        const TemporaryFolder folder;
        const ArrayMap map = array_of(ownership, strategy);
        if (!testing::writes_alone(strategy, map, folder.path())) continue;
        const RaceFile file({folder.path()}, map, open_posix_file);
        const std::string path = file.paths().front();
        const auto counts = acknowledged(map, path, strategy, "every:8", most);
        REQUIRE(counts.back() == 8 * most);
        const WriterPromise died{.kept = 0, .newest = 1, .newest_records = counts.back()};
        const Findings findings =
            scan({.subject = {.map = map,
                              .stamper = Stamper(kSeed),
                              .expectation = {.generation = 1, .promises = {died, {}, {}}}},
                  .open_file = open_posix_file,
                  .judge = make_view("pread", path, folder.path())});
        CHECK(findings.anomalies.damaging() == 0);
        CHECK(findings.unwritten == 90 - counts.back());
      }
    }
}
