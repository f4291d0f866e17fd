#include "core/array/layout.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "core/array/array_map.h"
#include "core/base/error.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

ArrayRequest request_of(const char* layout, Ownership ownership, std::uint64_t align_bytes) {
  return {.records = 100,
          .layout = layout,
          .align_bytes = align_bytes,
          .ownership = ownership,
          .writers = 7};
}

constexpr Ownership kEveryOwnership[] = {Ownership::block, Ownership::cyclic, Ownership::random};

}  // namespace

TEST_CASE("every layout gives each writer its records, disjoint and inside the file", "[layout]") {
  for (const LayoutRow& row : layout_table()) {
    for (const Ownership ownership : kEveryOwnership) {
      for (const std::uint64_t align_bytes : {1ull, 64ull, 4096ull, 8192ull, 65536ull}) {
        CAPTURE(row.name, ownership_name(ownership), align_bytes);
        const ArrayMap map(request_of(row.name, ownership, align_bytes));
        std::vector<std::uint64_t> starts;
        for (std::uint64_t writer = 0; writer < map.writers(); ++writer) {
          for (std::uint64_t position = 0; position < map.count(writer); ++position) {
            const std::uint64_t element = map.element(writer, position);
            REQUIRE(map.writer_of(element) == writer);
            starts.push_back(map.record_offset_bytes(element));
          }
        }
        std::ranges::sort(starts);
        REQUIRE(starts.size() == 100);
        CHECK(starts.front() >= map.data_offset_bytes());
        CHECK(starts.back() + map.record_bytes() <= map.file_bytes());
        for (std::size_t i = 1; i < starts.size(); ++i)
          REQUIRE(starts[i] >= starts[i - 1] + map.record_bytes());
      }
    }
  }
}

TEST_CASE("stretches hold either records or padding only, and together cover the array",
          "[layout]") {
  for (const LayoutRow& row : layout_table()) {
    for (const std::uint64_t writers : {1ull, 7ull, 100ull, 130ull}) {
      CAPTURE(row.name, writers);
      ArrayRequest request = request_of(row.name, Ownership::block, 4096);
      request.writers = writers;
      const ArrayMap map(request);
      for (std::uint64_t element = 0; element < map.elements();) {
        const std::uint64_t end = map.stretch_end(element);
        REQUIRE(end > element);
        REQUIRE(end <= map.elements());
        const bool record = map.is_record(element);
        for (; element < end; ++element) REQUIRE(map.is_record(element) == record);
      }
    }
  }
}

TEST_CASE("runs cover a writer's records in order", "[layout]") {
  for (const LayoutRow& row : layout_table()) {
    for (const Ownership ownership : kEveryOwnership) {
      const ArrayMap map(request_of(row.name, ownership, 4096));
      for (std::uint64_t writer = 0; writer < map.writers(); ++writer) {
        CAPTURE(row.name, ownership_name(ownership), writer);
        std::uint64_t position = 0;
        for (const StridedRun& run : map.runs(writer))
          for (std::uint64_t i = 0; i < run.records; ++i)
            REQUIRE(run.first_offset_bytes + i * run.step_bytes ==
                    map.record_offset_bytes(map.element(writer, position++)));
        CHECK(position == map.count(writer));
      }
    }
  }
}

TEST_CASE("padded layouts never let two writers share a unit; packed cyclic always does",
          "[layout]") {
  const std::vector<std::uint64_t> caches{0, 1};
  for (const std::uint64_t align_bytes : {64ull, 512ull, 4096ull, 8192ull, 65536ull, 1048576ull}) {
    for (const Ownership ownership : kEveryOwnership) {
      CAPTURE(align_bytes, ownership_name(ownership));
      for (const char* layout : {"padded-record", "padded-block"}) {
        const ArrayMap map(request_of(layout, ownership, align_bytes));
        CHECK(count_shared_units(map, caches).by_writers == 0);
        // The header shares no unit either.
        CHECK(map.record_offset_bytes(map.element(0, 0)) / align_bytes >
              (map.data_offset_bytes() - 1) / align_bytes);
      }
    }
  }
  const ArrayMap packed(request_of("packed", Ownership::cyclic, 512));
  const SharedUnits shared = count_shared_units(packed, caches);
  CHECK(shared.by_writers == 4);  // 1600 bytes from offset 128
  CHECK(shared.by_caches == 4);
  const std::vector<std::uint64_t> one_cache{5, 5};
  CHECK(count_shared_units(packed, one_cache).by_caches == 0);
}

TEST_CASE("records of sizes that are no power of two are padded apart as well", "[layout]") {
  for (const char* descr : {"|V24", "|u1", "|V5000", "<f4"}) {
    ArrayRequest request = request_of("padded-block", Ownership::block, 4096);
    request.descr = descr;
    CAPTURE(descr);
    const std::vector<std::uint64_t> caches{0, 1};
    CHECK(count_shared_units(ArrayMap(request), caches).by_writers == 0);
  }
}

TEST_CASE("the writers of an alignment unit can be queried", "[layout]") {
  const ArrayMap map(request_of("packed", Ownership::cyclic, 4096));
  CHECK(map.writers_in(0, 4096, 16) == std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 6});
  CHECK(map.writers_in(0, 4096, 3).size() == 3);
  CHECK(map.writers_in(128, 17, 16) == std::vector<std::uint64_t>{0, 1});
  CHECK(map.writers_in(0, 128, 16).empty());
}

TEST_CASE("runs of one owner count the same units as records one by one", "[layout]") {
  const std::vector<std::uint64_t> caches{0, 1};
  for (const LayoutRow& layout : layout_table()) {
    for (const Ownership ownership : kEveryOwnership) {
      for (const char* descr : {"|u1", "|V24", "|V700", "|V5000"}) {
        for (const std::uint64_t align_bytes : {64, 4096}) {
          CAPTURE(layout.name, ownership_name(ownership), descr, align_bytes);
          ArrayRequest request = request_of(layout.name, ownership, align_bytes);
          request.descr = descr;
          const ArrayMap map(request);
          std::map<std::uint64_t, std::set<std::uint64_t>> writers_of;
          for (std::uint64_t element = 0; element < map.elements(); ++element)
            if (const auto writer = map.writer_of(element))
              for (std::uint64_t byte = 0; byte < map.record_bytes(); ++byte)
                writers_of[(map.record_offset_bytes(element) + byte) / align_bytes].insert(*writer);
          const SharedUnits shared = count_shared_units(map, caches);
          CHECK(shared.by_writers ==
                static_cast<std::uint64_t>(std::ranges::count_if(
                    writers_of, [](const auto& unit) { return unit.second.size() > 1; })));
          for (const auto& [unit, writers] : writers_of)
            REQUIRE(map.writers_in(unit * align_bytes, align_bytes, 16) ==
                    std::vector<std::uint64_t>(writers.begin(), writers.end()));
        }
      }
    }
  }
}

TEST_CASE("impossible layouts are refused with advice", "[layout]") {
  CHECK_THROWS_AS(ArrayMap({.records = 0}), UsageError);
  CHECK_THROWS_AS(ArrayMap({.records = 1, .align_bytes = 100}), UsageError);
  CHECK_THROWS_AS(ArrayMap({.descr = "|O", .records = 1}), UsageError);
  CHECK_THROWS_AS(ArrayMap({.descr = "<f9", .records = 1}), UsageError);
  CHECK_THROWS_AS(ArrayMap({.row_shape = {0}, .records = 1}), UsageError);
  CHECK_THROWS_AS(ArrayMap({.row_shape = {1ull << 40}, .records = 1ull << 40}), UsageError);
  CHECK_THROWS_WITH(ArrayMap({.records = 1, .layout = "paked"}),
                    Catch::Matchers::ContainsSubstring("did you mean 'packed'"));
}

TEST_CASE("units at risk are shared ones in packed layouts and neighbouring ones in padded layouts",
          "[layout]") {
  const std::vector<std::uint64_t> one{7};
  const std::vector<std::uint64_t> two{7, 8};
  const auto map_of = [](const char* layout, std::uint64_t records, std::uint64_t align_bytes) {
    return ArrayMap({.records = records,
                     .layout = layout,
                     .align_bytes = align_bytes,
                     .ownership = Ownership::block,
                     .writers = 2});
  };
  const ArrayMap packed = map_of("packed", 1024, 4096);
  CHECK(count_units_at_risk(packed, two).by_writers == count_shared_units(packed, two).by_writers);
  // 16 KiB in blocks of two pages: every unit is within 1 MiB of another writer's.
  CHECK(count_units_at_risk(map_of("padded-block", 1024, 4096), two).by_writers == 4);
  CHECK(count_units_at_risk(map_of("padded-block", 1024, 4096), two).by_caches == 4);
  CHECK(count_units_at_risk(map_of("padded-block", 1024, 4096), one).by_caches == 0);
  CHECK(count_units_at_risk(map_of("padded-record", 10, 4096), two).by_writers == 10);
  // Blocks of 4 MiB: only units within 1 MiB of a boundary between blocks count.
  CHECK(count_units_at_risk(map_of("padded-block", 524288, 4096), two).by_writers == 2 * 256);
  // Units larger than 1 MiB: the adjacent one counts.
  CHECK(count_units_at_risk(map_of("padded-block", 524288, 2 << 20), two).by_writers == 2);
  // A single writer has no neighbours.
  const ArrayMap alone({.records = 100, .layout = "padded-record", .writers = 1});
  CHECK(count_units_at_risk(alone, two).by_writers == 0);
}

TEST_CASE("owners are writers with records", "[layout]") {
  CHECK(count_owners(ArrayMap({.records = 1, .writers = 4})) == 1);
  CHECK(count_owners(ArrayMap({.records = 9, .writers = 4})) == 4);
}

TEST_CASE("observed owners: any writer of any record, or none", "[layout]") {
  const auto owners = std::make_shared<const std::vector<std::uint32_t>>(
      std::vector<std::uint32_t>{2, 0, kNobody, 0, 2});
  const ArrayMap map(
      {.records = 5, .ownership = Ownership::observed, .writers = 3, .observed = owners});
  CHECK(map.count(0) == 2);
  CHECK(map.count(1) == 0);
  CHECK(map.element(0, 1) == 3);
  CHECK(map.writer_of(4) == std::uint64_t{2});
  CHECK_FALSE(map.writer_of(2).has_value());
  CHECK_FALSE(map.is_record(2));
  CHECK(map.position_of(4) == 1);
  CHECK(map.runs(0).size() == 2);
  CHECK(count_owners(map) == 2);
}
