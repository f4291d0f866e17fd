#include "core/file/posix_file.h"
#include "core/result/findings.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

ArrayMap array(const std::string& layout, std::uint64_t records, Ownership ownership,
               std::uint64_t writers) {
  return ArrayMap({.records = records,
                   .layout = layout,
                   .align_bytes = page_bytes(),
                   .ownership = ownership,
                   .writers = writers});
}

std::uint64_t tiles_of(const PageMap& map) {
  std::uint64_t tiles = 0;
  for (const TileRun& run : map.owners) tiles += run.tiles;
  return tiles;
}

}  // namespace

TEST_CASE("tiles are whole pages, and their number is limited for display") {
  CHECK(tile_bytes(0) == page_bytes());
  CHECK(tile_bytes(kMostTiles * page_bytes()) == page_bytes());
  CHECK(tile_bytes(kMostTiles * page_bytes() + 1) == 2 * page_bytes());
  const ArrayMap map = array("packed", 1000000, Ownership::cyclic, 3);
  const PageMap tiles = page_map(map, {});
  CHECK(tiles_of(tiles) <= kMostTiles);
  CHECK(tiles_of(tiles) == (map.file_bytes() + tiles.tile_bytes - 1) / tiles.tile_bytes);
}

TEST_CASE("a tile lists all its writers, up to eight") {
  const PageMap few = page_map(array("packed", 4096, Ownership::cyclic, 3), {});
  REQUIRE(few.owners.size() == 1);
  CHECK(few.owners[0].writers == std::vector<std::uint64_t>{0, 1, 2});
  CHECK_FALSE(few.owners[0].more_writers);
  const PageMap many = page_map(array("packed", 4096, Ownership::cyclic, 9), {});
  CHECK(many.owners[0].writers.size() == kMostTileWriters);
  CHECK(many.owners[0].more_writers);
}

TEST_CASE("the writers of a tile of many records are complete") {
  // 2048 pages of 256 records; writers take turns, so that each tile has records of all of them.
  for (const std::uint64_t writers : {2, 3, 8}) {
    for (const Ownership ownership : {Ownership::cyclic, Ownership::random}) {
      const PageMap tiles = page_map(array("packed", 1 << 19, ownership, writers), {});
      CAPTURE(writers, ownership_name(ownership));
      REQUIRE(tiles.owners.size() == 1);
      CHECK(tiles.owners[0].writers.size() == writers);
    }
  }
}

TEST_CASE("a tile between the records of padded elements has the writers that touch it") {
  // Elements of two pages, whose records take the first 16 bytes: every other tile is padding.
  ArrayRequest request{.records = 4, .layout = "padded-record", .writers = 2};
  request.align_bytes = 2 * page_bytes();
  const PageMap tiles = page_map(ArrayMap(request), {});
  std::vector<std::size_t> writers;
  for (const TileRun& run : tiles.owners)
    writers.insert(writers.end(), run.tiles, run.writers.size());
  CHECK(std::ranges::count(writers, 1u) == 4);
  CHECK(std::ranges::count(writers, 0u) == 6);
}

TEST_CASE("a block that begins inside a page shares the tile with the block before") {
  // 512 records of 16 bytes for each of two writers, after a header of 128 bytes.
  const PageMap tiles = page_map(array("packed", 1024, Ownership::block, 2), {});
  REQUIRE(tiles.owners.size() == 3);
  CHECK(tiles.owners[0].writers == std::vector<std::uint64_t>{0});
  CHECK(tiles.owners[1].writers == std::vector<std::uint64_t>{0, 1});
  CHECK(tiles.owners[2].writers == std::vector<std::uint64_t>{1});
}

TEST_CASE("padded blocks share no tile") {
  const PageMap tiles = page_map(array("padded-block", 1024, Ownership::block, 4), {});
  for (const TileRun& run : tiles.owners) CHECK(run.writers.size() <= 1);
}

TEST_CASE("neighbouring tiles with equal writers are merged") {
  const PageMap tiles = page_map(array("packed", 1000000, Ownership::block, 2), {{3, 17}});
  CHECK(tiles.owners.size() <= 3);
  CHECK(tiles.damaged.at(3) == 17);
}
