#pragma once
// The file drawn as tiles of whole pages, few enough to look at: how many damaged records begin in
// each, and who writes there.

#include <cstdint>
#include <map>
#include <vector>

#include "core/array_map.h"

namespace npyrace {

inline constexpr std::uint64_t kMostTiles = 512;
inline constexpr std::size_t kMostTileWriters = 8;

/// Damaged records by the number of the tile in which they begin. Exact, and bounded.
using DamagedTiles = std::map<std::uint64_t, std::uint64_t>;

/// The fewest whole pages a tile that make at most kMostTiles of a file.
std::uint64_t tile_bytes(std::uint64_t file_bytes);

/// Tiles one after the other that have the same writers.
struct TileRun {
  std::uint64_t tiles = 0;
  std::vector<std::uint64_t> writers;  ///< ascending, at most kMostTileWriters
  bool more_writers = false;           ///< than those
};

struct PageMap {
  std::uint64_t tile_bytes = 0;  ///< 0: nothing was recorded
  std::vector<TileRun> owners;   ///< from the start of the file to its end
  DamagedTiles damaged;
};

/// Of a tile with more than 4096 elements so many are asked for their writer, evenly spread: it may
/// then have more writers than are named.
PageMap page_map(const ArrayMap& map, DamagedTiles damaged);

}  // namespace npyrace
