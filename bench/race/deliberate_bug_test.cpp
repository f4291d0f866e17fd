// Deliberate bugs: writers whose file skips, tears, misplaces or corrupts chosen records. For every
// strategy and layout, each fault must be found at its place and in its class, and nothing else may
// be reported.

#include <filesystem>
#include <map>
#include <set>

#include "bench/storage/race_file.h"
#include "bench/storage/views.h"
#include "bench/strategies/writer.h"
#include "core/array/layout.h"
#include "tests/catch.h"
#include "tests/faulty_file.h"
#include "tests/temporary_folder.h"
#include "tests/usable.h"

using namespace npyrace;
using npyrace::testing::Fault;
using npyrace::testing::FaultKind;
using npyrace::testing::TemporaryFolder;

namespace {

constexpr std::uint64_t kSeed = 5;
constexpr std::uint64_t kWriters = 3;
constexpr unsigned kGenerations = 2;

ArrayMap array_of(const LayoutRow& layout, Ownership ownership) {
  return ArrayMap({.records = 90,
                   .layout = layout.name,
                   .align_bytes = 512,
                   .ownership = ownership,
                   .writers = kWriters});
}

/// Runs all writers one after the other; the faults apply in the last generation.
void write_all(const ArrayMap& map, const std::string& path, const StrategyRow& strategy,
               const std::vector<Fault>& faults) {
  for (unsigned generation = 1; generation <= kGenerations; ++generation) {
    const auto now = generation == kGenerations ? faults : std::vector<Fault>{};
    for (std::uint64_t number = 0; number < map.writers(); ++number) {
      Writer writer(
          {.map = map,
           .stamper = Stamper(kSeed),
           .writer = number,
           .path = path,
           .open_file = testing::faulty_opener(now, {map.data_offset_bytes(), map.element_bytes()}),
           .strategy = strategy.strategy,
           .sync = {}});
      writer.prepare(generation);
      writer.write();
    }
  }
}

Findings judged(const ArrayMap& map, const std::string& path, const std::string& dir) {
  return scan({.subject = {.map = map,
                           .stamper = Stamper(kSeed),
                           .expectation = {.generation = kGenerations}},
               .open_file = open_posix_file,
               .judge = make_view("pread", path, dir),
               .views = {make_view("mmap", path, dir)}});
}

/// Anomalies per element.
using ByElement = std::map<std::uint64_t, std::set<Anomaly>>;
ByElement by_element(const Findings& findings) {
  ByElement result;
  for (const Example& example : findings.examples) result[example.record].insert(example.anomaly);
  return result;
}

Findings race_with(const ArrayMap& map, const StrategyRow& strategy,
                   const std::vector<Fault>& faults) {
  const TemporaryFolder folder;
  const RaceFile file({folder.path()}, map, open_posix_file);
  write_all(map, file.paths().front(), strategy, faults);
  return judged(map, file.paths().front(), folder.path());
}

/// The faults below begin at the start of a record, as single writes and pieces of mappings do. In
/// a batch of contiguous records, which is one write, only the first record can be hit. The same
/// holds for writes of whole units, unless each record has its own units, and for a stream's
/// buffer.
bool strikes_single_records(const StrategyRow& strategy, const ArrayMap& map) {
  const std::string_view name = strategy.name;
  const bool back_to_back = map.request().layout == "padded-block";
  if (name == "pwrite-batch" || name.starts_with("read-modify-write")) return false;
  return !back_to_back || (name != "stdio" && name != "local-then-copy" && name != "direct" &&
                           name != "pwrite-atomic");
}

bool is_usable(const StrategyRow& strategy, const ArrayMap& map) {
  static const TemporaryFolder folder;
  return npyrace::testing::writes_alone(strategy, map, folder.path());
}

}  // namespace

TEST_CASE("without a fault every strategy and layout writes correct files", "[deliberate]") {
  for (const LayoutRow& layout : layout_table())
    for (const OwnershipRow& ownership : ownership_table())
      for (const StrategyRow& strategy : strategy_table()) {
        CAPTURE(layout.name, ownership.name, strategy.name);
        const ArrayMap map = array_of(layout, ownership.ownership);
        if (!is_usable(strategy, map)) continue;
        const Findings findings = race_with(map, strategy, {});
        CHECK(findings.records_checked == 90);
        CHECK(findings.anomalies.damaging() == 0);
        CHECK(findings.anomalies[Anomaly::stale] == 0);
      }
}

TEST_CASE("skipped, torn, misplaced and corrupted records are each found and classified",
          "[deliberate]") {
  for (const LayoutRow& layout : layout_table()) {
    for (const StrategyRow& strategy : strategy_table()) {
      CAPTURE(layout.name, strategy.name);
      const ArrayMap map = array_of(layout, Ownership::cyclic);
      if (!is_usable(strategy, map) || !strikes_single_records(strategy, map)) continue;
      // With lead bytes a piece would begin before its record.
      REQUIRE(map.lead_bytes() == 0);
      const std::uint64_t skipped = map.element(0, 3);
      const std::uint64_t torn = map.element(1, 4);
      const std::uint64_t spoiled = map.element(2, 5);
      const std::uint64_t moved = map.element(0, 20);
      const std::vector<Fault> faults{{FaultKind::skip, map.record_offset_bytes(skipped), 0},
                                      {FaultKind::tear, map.record_offset_bytes(torn), 8},
                                      {FaultKind::flip, map.record_offset_bytes(spoiled), 9},
                                      {FaultKind::misplace, map.record_offset_bytes(moved), 8}};
      const auto found = by_element(race_with(map, strategy, faults));
      // Misplaced by one lane: half of the record overlaps its own place beside an older
      // generation, and half lies behind it: in padding, or in a record that a later writer
      // repairs.
      const bool padded = map.element_bytes() > map.record_bytes();
      const std::set<Anomaly> half =
          padded ? std::set{Anomaly::torn, Anomaly::padding} : std::set{Anomaly::torn};
      const ByElement expected{{skipped, {Anomaly::lost}},
                               {torn, {Anomaly::torn}},
                               {spoiled, {Anomaly::corrupt}},
                               {moved, half}};
      CHECK(found == expected);
    }
  }
}

TEST_CASE("a record written to another record's place is misplaced there and lost at its own place",
          "[deliberate]") {
  const ArrayMap map = array_of(find_layout("packed"), Ownership::block);
  // The second but last record of the last writer is written to the place of its last one, whose
  // own write is skipped.
  const std::uint64_t home = map.element(kWriters - 1, 28);
  const std::uint64_t away = map.element(kWriters - 1, 29);
  const auto found = by_element(
      race_with(map, find_strategy("pwrite"),
                {{FaultKind::misplace, map.record_offset_bytes(home), map.element_bytes()},
                 {FaultKind::skip, map.record_offset_bytes(away), 0}}));
  CHECK(found == ByElement{{home, {Anomaly::lost}}, {away, {Anomaly::misplaced}}});
}

TEST_CASE("a write into padding is found as padding, one into the header as header",
          "[deliberate]") {
  const ArrayMap map = array_of(find_layout("padded-record"), Ownership::cyclic);
  const std::uint64_t element = map.element(0, 3);
  const auto padding = by_element(race_with(
      map, find_strategy("pwrite"), {{FaultKind::misplace, map.record_offset_bytes(element), 64}}));
  CHECK(padding == ByElement{{element, {Anomaly::lost, Anomaly::padding}}});

  const TemporaryFolder folder;
  const RaceFile file({folder.path()}, map, open_posix_file);
  write_all(map, file.paths().front(), find_strategy("pwrite"), {});
  const std::vector<std::byte> byte(1, std::byte{'X'});
  open_posix_file(file.paths().front(), {.access = Access::write})->write_at(byte, 20);
  const Findings findings = judged(map, file.paths().front(), folder.path());
  CHECK(findings.anomalies[Anomaly::header] == 1);
  CHECK(findings.anomalies.damaging() == 1);
  CHECK(findings.examples.front().offset_bytes == 20);
}

TEST_CASE("a record written beyond the end of the file is found there and lost at its own place",
          "[deliberate]") {
  const ArrayMap map = array_of(find_layout("packed"), Ownership::block);
  const std::uint64_t element = map.element(1, 7);
  const auto found = by_element(
      race_with(map, find_strategy("pwrite"),
                {{FaultKind::misplace, map.record_offset_bytes(element), map.file_bytes()}}));
  CHECK(found == ByElement{{element, {Anomaly::lost}}, {map.elements() - 1, {Anomaly::padding}}});
}

TEST_CASE("records lost by a truncation during the race are found, and no writer crashes",
          "[deliberate]") {
  const ArrayMap map = array_of(find_layout("packed"), Ownership::block);
  for (const StrategyRow& strategy : strategy_table()) {
    if (!is_usable(strategy, map)) continue;
    CAPTURE(strategy.name);
    const TemporaryFolder folder;
    const RaceFile file({folder.path()}, map, open_posix_file);
    const std::string path = file.paths().front();
    write_all(map, path, strategy, {});
    std::filesystem::resize_file(path, map.record_offset_bytes(map.element(1, 0)));
    const Findings findings = judged(map, path, folder.path());
    CHECK(findings.anomalies[Anomaly::hole] == 60);
    CHECK(findings.anomalies.damaging() == 60);
    CHECK(file.identity().resized(path).find("truncated") != std::string::npos);
  }
}

TEST_CASE("a store into a mapping of a truncated file is an error with both sizes",
          "[deliberate][bus-guard]") {
  const ArrayMap map({.records = 3000, .writers = 1});
  for (const char* name : {"mmap", "mmap-window"}) {
    CAPTURE(name);
    const TemporaryFolder folder;
    const RaceFile file({folder.path()}, map, open_posix_file);
    const std::string path = file.paths().front();
    std::filesystem::resize_file(path, 5000);
    Writer writer({.map = map,
                   .stamper = Stamper(kSeed),
                   .writer = 0,
                   .path = path,
                   .open_file = open_posix_file,
                   .strategy = find_strategy(name).strategy,
                   .sync = {}});
    writer.prepare(1);
    std::string words;
    try {
      writer.write();
    } catch (const FormatError& error) {
      words = error.what();
    }
    CHECK(words.find("truncated to 5000 bytes while byte 8192") != std::string::npos);
  }
}

TEST_CASE("missing records of a writer that acknowledged nothing are unwritten, not lost",
          "[deliberate]") {
  const ArrayMap map = array_of(find_layout("packed"), Ownership::cyclic);
  const TemporaryFolder folder;
  const RaceFile file({folder.path()}, map, open_posix_file);
  const auto path = file.paths().front();
  Writer writer({.map = map,
                 .stamper = Stamper(kSeed),
                 .writer = 1,
                 .path = path,
                 .open_file = open_posix_file,
                 .strategy = find_strategy("pwrite").strategy,
                 .sync = {}});
  writer.prepare(1);
  writer.write();
  const WriterPromise all{.kept = 1, .newest = 1};
  const WriterPromise nothing{.kept = 0, .newest = 1};
  ScanRequest request{
      .subject = {.map = map,
                  .stamper = Stamper(kSeed),
                  .expectation = {.generation = 1, .promises = {nothing, all, nothing}}},
      .open_file = open_posix_file,
      .judge = make_view("pread", path, folder.path())};
  CHECK(scan(request).unwritten == 60);
  CHECK(scan(request).anomalies.damaging() == 0);
  request.subject.expectation.promises = {all, all, nothing};
  CHECK(scan(request).unwritten == 30);
  CHECK(scan(request).anomalies[Anomaly::hole] == 30);
}
