#include <string>

#include "bench/lab/server/fault_log.h"
#include "tests/catch.h"

using namespace npyrace;
using namespace npyrace::lab;

namespace {

constexpr std::uint64_t kPage = 16;

Extent extent(std::uint64_t offset, const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {offset, {bytes.begin(), bytes.end()}};
}

DamagedWrite damaged(const std::string& order, std::uint64_t offset, const std::string& text) {
  static std::vector<FaultSpec> specs;
  specs.assign(1, parse_fault(order));
  const FaultSpec* fault = &specs.front();
  const auto first_bits = [](std::uint64_t size, unsigned count) {
    std::vector<std::uint64_t> bits;
    for (std::uint64_t bit = 0; bit < std::min<std::uint64_t>(count, size); ++bit)
      bits.push_back(bit);
    return bits;
  };
  return damage_write(extent(offset, text), std::span(&fault, 1), kPage, first_bits);
}

std::string text_of(const Extent& extent) {
  return {reinterpret_cast<const char*>(extent.bytes.data()), extent.bytes.size()};
}

}  // namespace

TEST_CASE("a dropped write damages all its bytes", "[lab][write_damage]") {
  const auto result = damaged("drop", 40, "abcd");
  CHECK_FALSE(result.write);
  CHECK(result.damages.at(0).range == ByteRange{40, 44});
}

TEST_CASE("a torn write keeps its beginning", "[lab][write_damage]") {
  const auto result = damaged("tear:at=3", 40, "abcd");
  CHECK(text_of(*result.write) == "abc");
  CHECK(result.damages.at(0).range == ByteRange{43, 44});
}

TEST_CASE("a tear beyond the end of the write has no effect", "[lab][write_damage]") {
  const auto result = damaged("tear:at=4", 40, "abcd");
  CHECK(text_of(*result.write) == "abcd");
  CHECK(result.damages.empty());
}

TEST_CASE("a misplaced write reports its real offset", "[lab][write_damage]") {
  const auto result = damaged("misplace:by=-8", 40, "abcd");
  CHECK(result.write->offset_bytes == 32);
  CHECK(result.damages.at(0).range == ByteRange{40, 44});
  CHECK(result.damages.at(0).moved_to == 32);
  CHECK(damaged("misplace:by=-48", 40, "abcd").damages.empty());
}

TEST_CASE("zeroed pages are whole pages", "[lab][write_damage]") {
  const auto result = damaged("zero-page", 30, "abcd");
  CHECK(result.write->offset_bytes == 16);
  CHECK(text_of(*result.write) == std::string(32, '\0'));
  CHECK(result.damages.at(0).range == ByteRange{16, 48});
}

TEST_CASE("flipped bits are reported by byte", "[lab][write_damage]") {
  const auto result = damaged("flip:bits=9", 40, "abcd");
  CHECK(text_of(*result.write) == std::string{static_cast<char>('a' ^ 0xff), 'c', 'c', 'd'});
  CHECK(result.damages.at(0).range == ByteRange{40, 42});
}

TEST_CASE("faults of other operations leave writes alone", "[lab][write_damage]") {
  const auto result = damaged("flip:op=read", 40, "abcd");
  CHECK(text_of(*result.write) == "abcd");
  CHECK(result.damages.empty());
}
