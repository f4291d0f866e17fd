#include "core/array/ownership.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("every record has exactly one writer, and both directions agree", "[ownership]") {
  for (const OwnershipRow& row : ownership_table()) {
    for (const std::uint64_t records : {0ull, 1ull, 7ull, 64ull, 1000ull}) {
      for (const std::uint64_t writers : {1ull, 2ull, 3ull, 64ull, 1440ull}) {
        CAPTURE(row.name, records, writers);
        const OwnershipMap map({row.ownership, records, writers, 42});
        std::vector<int> owned(records);
        for (std::uint64_t writer = 0; writer < writers; ++writer) {
          for (std::uint64_t position = 0; position < map.count(writer); ++position) {
            const std::uint64_t record = map.record(writer, position);
            REQUIRE(record < records);
            REQUIRE(map.writer_of(record) == writer);
            REQUIRE(map.position_of(record) == position);
            ++owned[record];
          }
        }
        CHECK(std::count(owned.begin(), owned.end(), 1) == static_cast<std::ptrdiff_t>(records));
      }
    }
  }
}

TEST_CASE("records up to the end of an owner's range have one owner", "[ownership]") {
  for (const OwnershipRow& row : ownership_table()) {
    for (const std::uint64_t writers : {1, 3, 64, 1440}) {
      const OwnershipMap map({row.ownership, 1000, writers, 42});
      for (std::uint64_t record = 0; record < 1000; ++record) {
        const std::uint64_t end = map.owner_end(record);
        REQUIRE(end > record);
        REQUIRE(end <= 1000);
        REQUIRE(map.writer_of(end - 1) == map.writer_of(record));
      }
    }
  }
  CHECK(OwnershipMap({Ownership::block, 1000, 3, 1}).owner_end(500) == 667);
}

TEST_CASE("random ownership depends on the seed", "[ownership]") {
  const OwnershipMap one({Ownership::random, 1000, 4, 1});
  const OwnershipMap two({Ownership::random, 1000, 4, 2});
  int differing = 0;
  int adjacent = 0;
  for (std::uint64_t record = 0; record < 1000; ++record)
    differing += one.writer_of(record) != two.writer_of(record);
  for (std::uint64_t record = 1; record < 1000; ++record)
    adjacent += one.writer_of(record) == one.writer_of(record - 1);
  CHECK(differing > 500);
  CHECK(adjacent < 400);  // about 250 expected at random, 996 for blocks
}

TEST_CASE("names are in the order of the enumeration", "[ownership]") {
  for (const OwnershipRow& row : ownership_table())
    CHECK(std::string_view(ownership_name(row.ownership)) == row.name);
}
