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
