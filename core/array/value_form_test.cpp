#include "core/array/value_form.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <set>
#include <tuple>
#include <vector>

#include "core/array/array_map.h"
#include "core/array/stamp.h"
#include "core/npy/dtype.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

using Bytes = std::vector<std::byte>;

/// An array of `descr` with `items` items per record.
ArrayMap array_of(const std::string& descr, std::uint64_t items) {
  ArrayRequest request{.descr = descr, .records = 300};
  if (items > 1) request.row_shape = {items};
  return ArrayMap(request);
}

Bytes record_of(const ArrayMap& map, std::uint64_t element, unsigned generation) {
  Bytes record(static_cast<std::size_t>(map.record_bytes()), std::byte{0xaa});
  map.stamper(5).fill(record, element, generation);
  return record;
}

template <typename Number>
Number number_at(const Bytes& record, std::size_t index, std::size_t apart_bytes = sizeof(Number)) {
  Number number{};
  std::memcpy(&number, record.data() + index * apart_bytes, sizeof number);
  return number;
}

struct Case {
  const char* descr;
  std::uint64_t items;
};
constexpr const char* kWithGaps =
    "[('', '|V4'), ('a', '<i4'), ('', '|V8'), ('b', '|u1'), ('', '|V7')]";
constexpr Case kCases[] = {
    {"|b1", 9},
    {"|b1", 70},
    {"<f2", 1},
    {">f2", 7},
    {"<f4", 1},
    {">f4", 5},
    {"<f8", 1},
    {">f8", 3},
    {"<c8", 1},
    {">c16", 2},
    {"<f16", 1},
    {">f16", 2},
    {"<c32", 1},
    {"<U1", 1},
    {">U7", 1},
    {"|S2", 1},
    {"|S21", 1},
    {"<M8[D]", 1},
    {"<m8[us]", 3},
    {">M8[25s]", 2},
    {"<M8[ns]", 1},
    {"<f8", 5},
    {"<f4", 6},
    {">f4", 4},
    {"<f2", 8},
    {"|S10", 4},
    {"[('a', '?'), ('b', '<f8')]", 1},
    {"[('time', '<i8'), ('value', '<f4'), ('kind', '|S4')]", 1},
    {"[('a', '|V3'), ('b', '|V3'), ('c', '<f2'), ('d', '?')]", 1},
    {kWithGaps, 1},
    {"[('a', '<f4', (2, 3)), ('b', [('c', '|S3'), ('d', '<i2')], (2,)), ('e', '<M8')]", 2}};

}  // namespace

TEST_CASE("dtypes in which every byte pattern is valid use the stamps of plain bytes",
          "[value_form]") {
  for (const char* descr : {"<i8", ">u4", "|V13", "|i1", "[('a', '<i8'), ('b', '>i2')]"}) {
    CAPTURE(descr);
    const ArrayMap map = array_of(descr, 1);
    CHECK(map.value_form() == nullptr);
    CHECK(map.stamp_bits() == 8 * map.record_bytes());
    CHECK(map.too_few_values().empty());
  }
  ArrayRequest old{.descr = "<f8", .records = 10};
  old.content = Content::bytes;  // as in a sidecar of an older version
  CHECK(ArrayMap(old).value_form() == nullptr);
}

TEST_CASE("numbers are finite, normal and not zero, in every width", "[value_form]") {
  const ArrayMap floats = array_of("<f4", 5);
  const ArrayMap doubles = array_of("<f8", 5);
  const ArrayMap longs = array_of("<f16", 5);
  for (std::uint64_t element = 0; element < 300; ++element) {
    for (std::size_t i = 0; i < 5; ++i) {
      REQUIRE(std::isnormal(number_at<float>(record_of(floats, element, 3), i)));
      REQUIRE(std::isnormal(number_at<double>(record_of(doubles, element, 3), i)));
      const auto wide = number_at<long double>(record_of(longs, element, 3), i, 16);
      REQUIRE(std::isnormal(wide));
      REQUIRE(static_cast<long double>(static_cast<double>(wide)) == wide);
    }
  }
}

TEST_CASE("booleans are 0 or 1, text has no NUL, a generic date is not a time", "[value_form]") {
  for (const std::byte byte : record_of(array_of("|b1", 70), 11, 2))
    REQUIRE(std::to_integer<unsigned>(byte) <= 1);
  for (const std::byte byte : record_of(array_of("|S21", 1), 11, 2))
    REQUIRE((std::isalnum(std::to_integer<int>(byte)) != 0 || byte == std::byte{'+'} ||
             byte == std::byte{'-'}));
  const Bytes text = record_of(array_of("<U7", 1), 11, 2);
  for (std::size_t i = 0; i < 7; ++i) {
    const auto character = number_at<std::uint32_t>(text, i);
    REQUIRE(character >= 0x4e00);
    REQUIRE(character < 0x8e00);
  }
  const ArrayMap generic = array_of("[('a', '<M8'), ('b', '<i4')]", 1);
  CHECK(number_at<std::uint64_t>(record_of(generic, 11, 2), 0) == std::uint64_t{1} << 63);
}

TEST_CASE("the payload of a value can be decoded, and no other value decodes to it",
          "[value_form]") {
  for (const auto& [descr, items] : kCases) {
    CAPTURE(descr);
    const ArrayMap map = array_of(descr, items);
    REQUIRE(map.value_form() != nullptr);
    const Bytes record = record_of(map, 17, 4);
    map.value_form()->for_each_lane([&](const ValueForm::Lane& lane) {
      for (const ValueForm::Placed& placed : lane.atoms) {
        const auto start = static_cast<std::size_t>(lane.offset_bytes + placed.offset_bytes);
        const auto bytes = std::span(record).subspan(start, placed.atom->size_bytes);
        const auto bits = take_atom(*placed.atom, bytes);
        REQUIRE(bits);
        Bytes again(placed.atom->size_bytes);
        put_atom(*placed.atom, *bits, again);
        REQUIRE(same_atom(*placed.atom, again, bytes));
        Bytes ones(placed.atom->size_bytes, std::byte{0xff});
        if (placed.atom->kind != Atom::Kind::raw) CHECK_FALSE(take_atom(*placed.atom, ones));
      }
      return true;
    });
  }
}

TEST_CASE("each lane of a record carries its stamp, in one record and in many", "[value_form]") {
  for (const auto& [descr, items] : kCases) {
    // Many records are a line of lanes across them, few ones a line along each; without a gap
    // between them all may be one line.
    for (const auto& [version, records, gap_bytes] :
         {std::tuple(1u, 9u, 3u), std::tuple(2u, 9u, 3u), std::tuple(2u, 270u, 3u),
          std::tuple(1u, 270u, 0u), std::tuple(2u, 270u, 0u)}) {
      CAPTURE(descr, version, records, gap_bytes);
      ArrayRequest request = array_of(descr, items).request();
      request.stamp_version = version;
      const ArrayMap map(request);
      const Stamper stamper = map.stamper(5);
      const auto record_bytes = static_cast<std::size_t>(map.record_bytes());
      const RecordRow row{17, records, record_bytes, record_bytes + gap_bytes};
      Bytes together(records * row.step_bytes);
      stamper.fill_all(together, row, 4);
      REQUIRE(stamper.match_all(together, row, 4));
      REQUIRE_FALSE(stamper.match_all(together, row, 3));
      for (std::uint64_t i = 0; i < row.records; ++i) {
        const auto record = std::span(together).subspan(i * row.step_bytes, record_bytes);
        REQUIRE(stamper.matches(record, 17 + i, 4));
        map.value_form()->for_each_lane([&](const ValueForm::Lane& lane) {
          std::uint64_t content = 0;
          for (const ValueForm::Placed& placed : lane.atoms) {
            const auto start = static_cast<std::size_t>(lane.offset_bytes + placed.offset_bytes);
            const auto bits =
                take_atom(*placed.atom, record.subspan(start, placed.atom->size_bytes));
            REQUIRE(bits);
            if (placed.shift < 64) content |= *bits << placed.shift;
          }
          const LaneIdentity identity{(17 + i) * stamper.lanes(record_bytes) + lane.number, 4};
          REQUIRE(content == (lane.invertible ? stamper.lane(identity, lane.bits)
                                              : stamper.narrow_lane(identity, lane.bits)));
          return true;
        });
      }
    }
  }
}

TEST_CASE("generations and neighbours of records of values all differ", "[value_form]") {
  for (const auto& [descr, items] : kCases) {
    CAPTURE(descr);
    const ArrayMap map = array_of(descr, items);
    std::set<Bytes> seen;
    for (unsigned generation = 1; generation <= kLastGeneration; ++generation)
      seen.insert(record_of(map, 41, generation));
    CHECK(seen.size() == kLastGeneration);
    CHECK_FALSE(seen.contains(Bytes(static_cast<std::size_t>(map.record_bytes()))));
  }
}

TEST_CASE("a changed byte is detected if and only if it belongs to a value", "[value_form]") {
  for (const auto& [descr, items] : kCases) {
    CAPTURE(descr);
    const ArrayMap map = array_of(descr, items);
    const Stamper stamper = map.stamper(5);
    Bytes record = record_of(map, 17, 4);
    REQUIRE(stamper.matches(record, 17, 4));
    for (std::size_t i = 0; i < record.size(); ++i) {
      record[i] ^= std::byte{1};
      const bool changed = stamper.values_of(record) != record_of(map, 17, 4);
      CAPTURE(i);
      REQUIRE(stamper.matches(record, 17, 4) != changed);
      record[i] ^= std::byte{1};
    }
  }
  // Bytes 0 to 3, 8 to 15 and 17 to 23 are gaps: their content is ignored.
  const ArrayMap gaps = array_of(kWithGaps, 1);
  Bytes record = record_of(gaps, 17, 4);
  record[0] = record[9] = record[23] = std::byte{7};
  CHECK(gaps.stamper(5).matches(record, 17, 4));
}

TEST_CASE("each bit width of a value lane has a bijection", "[value_form]") {
  const Stamper stamper(9);
  for (unsigned bits = 13; bits <= 64; ++bits) {
    const std::uint64_t lanes = bits >= 64 ? kLaneLimit : std::uint64_t{1} << (bits - 8);
    for (const std::uint64_t lane : {std::uint64_t{0}, std::uint64_t{13}, lanes - 1}) {
      for (const unsigned generation : {1u, 2u, kLastGeneration}) {
        const LaneIdentity identity{lane, generation};
        const std::uint64_t content = stamper.lane(identity, bits);
        REQUIRE(content != 0);
        if (bits < 64) REQUIRE(content >> bits == 0);
        REQUIRE(stamper.decode(content, bits) == identity);
      }
    }
  }
}

TEST_CASE("narrow lanes are never zero, and their generations repeat as late as possible",
          "[value_form]") {
  const Stamper stamper(9);
  for (unsigned bits = 2; bits <= 63; ++bits) {
    const std::uint64_t different =
        std::min<std::uint64_t>(kLastGeneration, (std::uint64_t{1} << bits) - 1);
    std::set<std::uint64_t> seen;
    for (unsigned generation = 1; generation <= different; ++generation)
      seen.insert(stamper.narrow_lane({77, generation}, bits));
    CHECK(seen.size() == different);
    CHECK(*seen.begin() > 0);
    if (bits < 63) CHECK(*seen.rbegin() >> bits == 0);
  }
}

TEST_CASE("a dtype with too few values gets the reason and advice", "[value_form]") {
  const ArrayMap flag = array_of("|b1", 1);
  CHECK(flag.value_form() == nullptr);
  CHECK(flag.too_few_values() ==
        "a record of 1 item of descr '|b1' has 2 different values that survive every copy, so a "
        "damaged one would pass for right with a chance of 1 in 2; give records of more items, as "
        "in --shape N,8");
  CHECK_FALSE(array_of("|S1", 1).too_few_values().empty());
  CHECK(array_of("<M8", 1).too_few_values() ==
        "descr '<M8' has no value but NaT that survives every copy; give it a unit of time, as in "
        "'<M8[s]'");
  CHECK(array_of("|b1", 8).too_few_values().empty());
  CHECK(array_of("|S2", 1).stamp_bits() == 12);
}
