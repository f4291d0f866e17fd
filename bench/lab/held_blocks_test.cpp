#include "bench/lab/held_blocks.h"

#include <string>

#include "tests/catch.h"

using namespace npyrace;

namespace {

HeldBytes held(std::uint64_t offset, const std::string& text) {
  const auto copy = std::make_shared<std::string>(text);
  return {offset, std::as_bytes(std::span(*copy)), copy};
}

/// "offset:text offset:text"
std::string text_of(const std::vector<HeldBlocks::Block>& blocks) {
  std::string text;
  for (const auto& [part, dirty] : blocks)
    text += (text.empty() ? "" : " ") + std::to_string(part.offset_bytes) + ":" +
            std::string(reinterpret_cast<const char*>(part.bytes.data()), part.bytes.size());
  return text;
}

constexpr ByteRange kAll{0, 100};

}  // namespace

TEST_CASE("a block replaces what it covers, and other blocks keep the rest", "[lab][held_blocks]") {
  HeldBlocks blocks;
  blocks.add(held(0, "aaaa"));
  blocks.add(held(4, "bbbb"));
  blocks.add(held(2, "cccc"));
  CHECK(text_of(blocks.in(kAll)) == "0:aa 2:cccc 6:bb");
  CHECK(blocks.held_bytes() == 8);
}

TEST_CASE("a cut in the middle leaves two blocks", "[lab][held_blocks]") {
  HeldBlocks blocks;
  blocks.add(held(10, "abcdef"));
  CHECK(text_of(blocks.cut({12, 14})) == "12:cd");
  CHECK(text_of(blocks.in(kAll)) == "10:ab 14:ef");
  CHECK(blocks.holds(11));
  CHECK_FALSE(blocks.holds(12));
  CHECK(blocks.held_bytes() == 4);
}

TEST_CASE("only clean blocks are cut if dirty ones must stay", "[lab][held_blocks]") {
  HeldBlocks blocks;
  blocks.add(held(0, "aa"));
  CHECK(blocks.take_dirty(true).size() == 1);
  blocks.add(held(2, "bb"));
  CHECK(blocks.dirty_end_bytes() == 4);
  blocks.cut_clean(kAll);
  CHECK(text_of(blocks.in(kAll)) == "2:bb");
}

TEST_CASE("taken blocks stay alive after they have gone", "[lab][held_blocks]") {
  HeldBlocks blocks;
  blocks.add(held(0, "aa"));
  const auto taken = blocks.take_dirty(false);
  REQUIRE(taken.size() == 1);
  CHECK(blocks.held_bytes() == 0);
  CHECK(taken[0].bytes[0] == std::byte{'a'});
  CHECK(blocks.dirty_end_bytes() == 0);
}
