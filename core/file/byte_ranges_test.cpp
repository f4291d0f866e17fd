#include "core/file/byte_ranges.h"

#include <bitset>
#include <random>

#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("ranges that touch become one", "[lab][byte_ranges]") {
  ByteRanges set;
  set.add({0, 16});
  set.add({32, 48});
  CHECK(set.ranges() == std::vector<ByteRange>{{0, 16}, {32, 48}});
  set.add({16, 32});
  CHECK(set.ranges() == std::vector<ByteRange>{{0, 48}});
  CHECK(set.end() == 48);
}

TEST_CASE("removing the middle of a range leaves two ranges", "[lab][byte_ranges]") {
  ByteRanges set;
  set.add({10, 20});
  set.subtract({14, 16});
  CHECK(set.ranges() == std::vector<ByteRange>{{10, 14}, {16, 20}});
  set.subtract({0, 100});
  CHECK(set.empty());
  CHECK(set.end() == 0);
}

TEST_CASE("random additions and subtractions agree with one bit per byte", "[lab][byte_ranges]") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    ByteRanges set;
    std::bitset<64> model;
    for (int step = 0; step < 30; ++step) {
      const std::uint64_t begin = random() % 64;
      const std::uint64_t end = begin + random() % (64 - begin + 1);
      const bool adding = random() % 2 == 0;
      adding ? set.add({begin, end}) : set.subtract({begin, end});
      for (std::uint64_t bit = begin; bit < end; ++bit) model.set(bit, adding);
    }
    std::bitset<64> found;
    std::uint64_t previous_end = 0;
    for (const ByteRange& range : set.ranges()) {
      CHECK(range.begin < range.end);
      CHECK((previous_end == 0 || range.begin > previous_end));
      previous_end = range.end;
      for (std::uint64_t bit = range.begin; bit < range.end; ++bit) found.set(bit);
    }
    CHECK(found == model);
  }
}

TEST_CASE("subtracting a set is the same as subtracting its ranges one by one", "[byte_ranges]") {
  std::uint64_t state = 1;
  const auto draw = [&state](std::uint64_t below) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return (state >> 33) % below;
  };
  for (int round = 0; round < 300; ++round) {
    ByteRanges all, others;
    for (int i = 0; i < 8; ++i) {
      const std::uint64_t begin = draw(200), other = draw(200);
      all.add({begin, begin + draw(30)});
      others.add({other, other + draw(30)});
    }
    ByteRanges one_by_one = all;
    for (const ByteRange& range : others.ranges()) one_by_one.subtract(range);
    all.subtract(others);
    CHECK(all.ranges() == one_by_one.ranges());
  }
}
