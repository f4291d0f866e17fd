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

TEST_CASE("stamps of another seed decode to lanes at their true distance", "[stamp]") {
  for (const unsigned version : {1u, 2u}) {
    const Stamper ours(1, nullptr, version);
    const Stamper theirs(2, nullptr, version);
    for (const unsigned bits : {24u, 62u, 64u}) {
      CAPTURE(version, bits);
      const LaneIdentity first = ours.decode(theirs.lane({1000, 4}, bits), bits);
      const LaneIdentity second = ours.decode(theirs.lane({1016, 4}, bits), bits);
      const LaneIdentity later = ours.decode(theirs.lane({1016, 5}, bits), bits);
      CHECK(first.generation == 4);
      CHECK(first.lane != 1000);
      CHECK(ours.may_share_origin(first, second, 16, bits));
      CHECK(ours.may_share_origin(second, first, -16ull, bits));
      CHECK_FALSE(ours.may_share_origin(first, later, 16, bits));
      if (version == 2) CHECK_FALSE(ours.may_share_origin(first, second, 8, bits));
    }
  }
}

TEST_CASE("match_all detects each changed byte in many records", "[stamp]") {
  const Stamper stamper(11);
  for (const std::size_t record_bytes : {3, 8, 16, 20, 24}) {
    for (const std::size_t gap_bytes : {0, 5}) {
      CAPTURE(record_bytes, gap_bytes);
      const std::size_t step_bytes = record_bytes + gap_bytes;
      std::vector<std::byte> bytes(5 * step_bytes);
      RecordRow row{70, 5, record_bytes, step_bytes};
      for (std::size_t i = 0; i < 5; ++i)
        stamper.fill(std::span(bytes).subspan(i * step_bytes, record_bytes), 70 + i, 2);
      REQUIRE(stamper.match_all(bytes, row, 2));
      REQUIRE_FALSE(stamper.match_all(bytes, row, 1));
      for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] ^= std::byte{1};
        const bool in_record = i % step_bytes < record_bytes;
        REQUIRE(stamper.match_all(bytes, row, 2) != in_record);
        bytes[i] ^= std::byte{1};
      }
      row.first_element = 71;
      REQUIRE_FALSE(stamper.match_all(bytes, row, 2));
    }
  }
}

TEST_CASE("many records get the same stamps as single ones, in any arrangement", "[stamp]") {
  for (const unsigned version : {1u, 2u}) {
    const Stamper stamper(12, nullptr, version);
    for (const std::size_t record_bytes : {1, 5, 8, 12, 16, 40, 8000, 40001}) {
      for (const std::uint64_t element_step : {1, 7}) {
        CAPTURE(version, record_bytes, element_step);
        const RecordRow row{123, 50, record_bytes, record_bytes + 8, element_step};
        std::vector<std::byte> together(50 * row.step_bytes, std::byte{0xaa});
        std::vector<std::byte> singly = together;
        stamper.fill_all(together, row, 3);
        for (std::uint64_t i = 0; i < row.records; ++i)
          stamper.fill(std::span(singly).subspan(i * row.step_bytes, record_bytes),
                       123 + i * element_step, 3);
        REQUIRE(together == singly);
        REQUIRE(stamper.match_all(together, row, 3));
      }
    }
  }
}

TEST_CASE("a lane that is torn between two generations decodes to no lane of the array",
          "[stamp]") {
  // 2^32 lanes: by chance one tear in 2^24 would decode to one of them.
  constexpr std::uint64_t kLanes = std::uint64_t{1} << 32;
  const Stamper stamper(4);
  for (unsigned older = 1; older < kLastGeneration; older += 3) {
    for (const unsigned newer : {older + 1, kLastGeneration}) {
      for (unsigned torn_bytes = 1; torn_bytes < kLaneBytes; ++torn_bytes) {
        const std::uint64_t lane = older * 1'000'003ull + torn_bytes;
        const std::uint64_t low = (std::uint64_t{1} << (8 * torn_bytes)) - 1;
        const std::uint64_t before = stamper.lane({lane, older});
        const std::uint64_t after = stamper.lane({lane, newer});
        for (const std::uint64_t torn :
             {(before & low) | (after & ~low), (after & low) | (before & ~low)}) {
          if (torn == before || torn == after) continue;
          const LaneIdentity found = stamper.decode(torn);
          CAPTURE(older, newer, torn_bytes);
          REQUIRE((found.lane >= kLanes || found.generation == 0 ||
                   found.generation > kLastGeneration));
        }
      }
    }
  }
}

TEST_CASE("stamps of both versions stay what they are, because files keep them", "[stamp]") {
  // The numbers come from a calculation of their own, in Python.
  const auto stamp = [](unsigned version, unsigned bits, LaneIdentity identity) {
    const Stamper stamper(42, nullptr, version);
    return bits >= 32 ? stamper.lane(identity, bits) : stamper.narrow_lane(identity, bits);
  };
  CHECK(stamp(1, 64, {123456789, 3}) == 0xafce0ea647156de2);
  CHECK(stamp(1, 62, {123456789, 3}) == 0x9bdc71cdfd30bef);
  CHECK(stamp(1, 14, {123456789, 3}) == 0x168b);
  CHECK(stamp(2, 64, {123456789, 3}) == 0xc70350b63988e495);
  CHECK(stamp(2, 62, {123456789, 3}) == 0x28fde8811b72ba6a);
  CHECK(stamp(2, 14, {123456789, 3}) == 0x2bd6);
}
