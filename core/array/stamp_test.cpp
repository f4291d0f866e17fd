#include "core/array/stamp.h"

#include <algorithm>
#include <set>
#include <vector>

#include "tests/catch.h"

using namespace npyrace;

namespace {

std::vector<std::byte> record_of(const Stamper& stamper, std::size_t size_bytes,
                                 std::uint64_t element, unsigned generation) {
  std::vector<std::byte> record(size_bytes);
  stamper.fill(record, element, generation);
  return record;
}

bool all_zero(const std::vector<std::byte>& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

TEST_CASE("a lane encodes its number and generation, up to the largest lane number", "[stamp]") {
  for (const std::uint64_t seed : {0ull, 1ull, 0xffffffffffffffffull}) {
    const Stamper stamper(seed);
    for (const std::uint64_t lane :
         std::initializer_list<std::uint64_t>{0, 1, 59999, (1ull << 40) + 7, kLaneLimit - 1}) {
      for (const unsigned generation : {1u, 2u, kLastGeneration}) {
        const LaneIdentity identity{lane, generation};
        CHECK(stamper.decode(stamper.lane(identity)) == identity);
      }
    }
  }
}

TEST_CASE("no stamp is all zeros, even for the shortest record", "[stamp]") {
  const Stamper stamper(7);
  for (std::size_t size_bytes = 1; size_bytes <= 17; ++size_bytes)
    for (std::uint64_t element = 0; element < 300; ++element)
      REQUIRE_FALSE(all_zero(
          record_of(stamper, size_bytes, element, static_cast<unsigned>(1 + element % 200))));
  // The mixer maps only lane == key with generation 0 to zero, and generation 0 is never used.
  CHECK(stamper.decode(0).generation == 0);
}

TEST_CASE("two generations of a record differ in every byte", "[stamp]") {
  const Stamper stamper(3);
  for (const std::size_t size_bytes : {1, 2, 3, 4, 5, 6, 7, 8, 12}) {
    std::set<std::vector<std::byte>> seen;
    for (unsigned generation = 1; generation <= kLastGeneration; ++generation)
      seen.insert(record_of(stamper, size_bytes, 41, generation));
    CHECK(seen.size() == kLastGeneration);
  }
}

TEST_CASE("every byte of a lane depends on the generation", "[stamp]") {
  // A byte may be equal by chance, once in 256 cases; if one never changed, a tear could not be
  // seen there.
  const Stamper stamper(11);
  std::vector<int> equal(8);
  constexpr unsigned kLanes = 4096;
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    const std::uint64_t changed = stamper.lane({lane, 1}) ^ stamper.lane({lane, 2});
    for (unsigned i = 0; i < 8; ++i) equal[i] += ((changed >> (8 * i)) & 0xff) == 0;
  }
  for (const int count : equal) CHECK(count < 4 * static_cast<int>(kLanes) / 256);
}

TEST_CASE("matches agrees with fill and notices every single changed byte", "[stamp]") {
  const Stamper stamper(5);
  for (const std::size_t size_bytes : {1, 7, 8, 16, 23, 64}) {
    auto record = record_of(stamper, size_bytes, 1000, 9);
    CHECK(stamper.matches(record, 1000, 9));
    CHECK_FALSE(stamper.matches(record, 1000, 8));
    for (std::byte& byte : record) {
      byte ^= std::byte{0x10};
      CHECK_FALSE(stamper.matches(record, 1000, 9));
      byte ^= std::byte{0x10};
    }
  }
}

TEST_CASE("stamps of another seed decode with one constant offset", "[stamp]") {
  const Stamper ours(1);
  const Stamper theirs(2);
  const LaneIdentity first = ours.decode(theirs.lane({10, 4}));
  const LaneIdentity second = ours.decode(theirs.lane({11, 4}));
  CHECK(first.generation == 4);
  CHECK(second.generation == 4);
  CHECK((first.lane ^ 10) == (second.lane ^ 11));
  CHECK((first.lane ^ 10) != 0);
}

TEST_CASE("match_all detects each changed byte in many records", "[stamp]") {
  const Stamper stamper(11);
  for (const std::size_t record_bytes : {3, 8, 16, 20}) {
    CAPTURE(record_bytes);
    std::vector<std::byte> records(5 * record_bytes);
    for (std::size_t i = 0; i < 5; ++i)
      stamper.fill(std::span(records).subspan(i * record_bytes, record_bytes), 70 + i, 2);
    REQUIRE(stamper.match_all(records, record_bytes, 70, 2));
    REQUIRE_FALSE(stamper.match_all(records, record_bytes, 71, 2));
    REQUIRE_FALSE(stamper.match_all(records, record_bytes, 70, 1));
    for (std::byte& byte : records) {
      byte ^= std::byte{1};
      REQUIRE_FALSE(stamper.match_all(records, record_bytes, 70, 2));
      byte ^= std::byte{1};
    }
  }
}
