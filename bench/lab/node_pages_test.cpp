#include "bench/lab/node_pages.h"

#include <string>

#include "tests/catch.h"

using namespace npyrace;

namespace {

constexpr std::uint64_t kPage = 16;
constexpr std::uint64_t kFile = 64;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void put(NodePages& pages, std::uint64_t offset, const std::string& text, bool extends = false) {
  pages.write({.offset_bytes = offset,
               .bytes = bytes_of(text),
               .extends = extends,
               .file_size_bytes = kFile});
}

}  // namespace

TEST_CASE("writes into unknown pages are written back as their bytes, with adjacent ranges merged",
          "[lab][node_pages]") {
  NodePages pages(kPage, false);
  put(pages, 14, "abcd");
  put(pages, 30, "xy");
  put(pages, 18, "ef");
  const auto extents = pages.take_dirty();
  REQUIRE(extents.size() == 2);
  CHECK(extents[0].offset_bytes == 14);
  CHECK(text_of(extents[0].bytes) == "abcdef");
  CHECK(extents[1].offset_bytes == 30);
  CHECK_FALSE(pages.dirty());
  CHECK(pages.held_bytes() == 0);
}

TEST_CASE("a write into a known page is written back as the whole page", "[lab][node_pages]") {
  NodePages pages(kPage, true);
  const std::string stored(16, '.');
  pages.learn(16, bytes_of(stored), kFile);
  put(pages, 18, "ab", true);
  const auto extents = pages.take_dirty();
  REQUIRE(extents.size() == 1);
  CHECK(extents[0].offset_bytes == 16);
  CHECK(text_of(extents[0].bytes) == "..ab............");
}

TEST_CASE("a write into an unknown page is written back exactly, even if it extends the file",
          "[lab][node_pages]") {
  NodePages pages(kPage, true);
  put(pages, 18, "ab", true);
  const auto extents = pages.take_dirty();
  REQUIRE(extents.size() == 1);
  CHECK(text_of(extents[0].bytes) == "ab");
}

TEST_CASE("a page beyond the end of the file counts as known", "[lab][node_pages]") {
  NodePages pages(kPage, true);
  put(pages, kFile + 2, "ab", true);
  const auto extents = pages.take_dirty();
  REQUIRE(extents.size() == 1);
  CHECK(extents[0].offset_bytes == kFile);
  CHECK(text_of(extents[0].bytes) == std::string("\0\0ab", 4));
}

TEST_CASE("a writer with read access reads a page before it writes a part of it",
          "[lab][node_pages]") {
  NodePages pages(kPage, true);
  CHECK(pages.pages_to_learn({8, 40}, kFile) == std::vector<std::uint64_t>{0, 32});
  put(pages, 2, "ab");
  CHECK(pages.pages_to_learn({8, 40}, kFile) == std::vector<std::uint64_t>{32});
  CHECK(pages.pages_to_learn({kFile + 1, kFile + 2}, kFile).empty());
}

TEST_CASE("a node sees its own unpublished bytes instead of those of the store",
          "[lab][node_pages]") {
  NodePages pages(kPage, false);
  put(pages, 14, "abcd");
  std::vector<std::byte> view(8, std::byte{'.'});
  pages.show(12, view);
  CHECK(text_of(view) == "..abcd..");
}

TEST_CASE("reading a page keeps earlier unpublished writes", "[lab][node_pages]") {
  NodePages pages(kPage, true);
  put(pages, 2, "ab");
  pages.learn(0, bytes_of(std::string(16, '.')), kFile);
  std::vector<std::byte> view(6, std::byte{'?'});
  pages.show(0, view);
  CHECK(text_of(view) == "..ab..");
}

TEST_CASE("truncation discards unpublished bytes", "[lab][node_pages]") {
  NodePages pages(kPage, false);
  put(pages, 14, "abcdef");
  pages.truncate(17);
  const auto extents = pages.take_dirty();
  REQUIRE(extents.size() == 1);
  CHECK(text_of(extents[0].bytes) == "abc");
  put(pages, 14, "abcdef");
  pages.truncate(0);
  CHECK_FALSE(pages.dirty());
}

TEST_CASE("only clean pages are dropped", "[lab][node_pages]") {
  NodePages pages(kPage, true);
  pages.learn(0, bytes_of(std::string(32, '.')), kFile);
  put(pages, 2, "ab", true);
  pages.forget_clean({0, 64});
  CHECK(pages.held_bytes() == kPage);
  CHECK(pages.dirty_pages_known({0, 64}));
  put(pages, 34, "cd", true);
  CHECK_FALSE(pages.dirty_pages_known({0, 64}));
}

TEST_CASE("a large write keeps its whole pages as one block and its edges as pages",
          "[lab][node_pages]") {
  NodePages pages(kPage, false);
  const auto text = std::make_shared<std::string>(kPage * 20, 'x');
  pages.write({.offset_bytes = 8, .bytes = bytes_of(*text), .keeper = text});
  const auto taken = pages.take_dirty();
  REQUIRE(taken.size() == 3);
  CHECK(taken[0].range() == ByteRange{8, kPage});
  CHECK(taken[1].range() == ByteRange{kPage, kPage * 20});
  CHECK(taken[1].bytes.data() == bytes_of(*text).data() + 8);
  CHECK(taken[2].range() == ByteRange{kPage * 20, kPage * 20 + 8});
  CHECK(pages.held_bytes() == 0);
}

TEST_CASE("the later one of a large and a small write counts", "[lab][node_pages]") {
  NodePages pages(kPage, false);
  put(pages, kPage * 3, "old");
  put(pages, 0, std::string(kPage * 20, 'x'));
  put(pages, kPage * 4 + 1, "new");
  std::vector<std::byte> view(kPage * 2);
  pages.show(kPage * 3, view);
  CHECK(text_of(view) == std::string(kPage + 1, 'x') + "new" + std::string(kPage - 4, 'x'));
  pages.truncate(kPage * 6 + 2);
  CHECK(pages.dirty_end_bytes() == kPage * 6 + 2);
  std::uint64_t taken_bytes = 0;
  for (const HeldBytes& held : pages.take_dirty()) taken_bytes += held.bytes.size();
  CHECK(taken_bytes == kPage * 6 + 2);
}

TEST_CASE("pages of a large write stay known after their publication", "[lab][node_pages]") {
  NodePages pages(kPage, true);
  put(pages, 0, std::string(kPage * 20, 'x'), true);
  pages.take_dirty();
  CHECK(pages.held_bytes() == kPage * 20);
  CHECK(pages.pages_to_learn({kPage + 1, kPage + 2}, kPage * 20).empty());
  put(pages, kPage * 2 + 1, "ab", true);
  const auto taken = pages.take_dirty();
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].range() == ByteRange{kPage * 2, kPage * 3});
  pages.forget_clean({kPage, kPage * 2});
  CHECK(pages.held_bytes() == kPage * 19);
}
