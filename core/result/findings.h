#pragma once
// The file drawn as tiles of whole pages, few enough to look at: how many damaged records begin in
// each, and who writes there.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/array/array_map.h"
#include "core/result/verdict.h"

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

// What validators find in a file: plain values that add up.

/// Where in the file an anomaly is.
enum class Region {
  record,
  padding,  ///< bytes of an element that belong to no record
  header,
  file_end,  ///< the file ends elsewhere
};

/// Bytes of the file from `begin` up to, not including, `end`.
struct FileBytes {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool operator==(const FileBytes&) const = default;
};

/// One anomaly in full, for people.
struct Example {
  Anomaly anomaly = Anomaly::lost;
  std::uint64_t record = 0;        ///< element along the array's first axis; 0 in the header
  std::uint64_t offset_bytes = 0;  ///< in the file
  std::uint64_t writer = 0;        ///< of the record; 0 where there is none
  std::string expected;            ///< "generation 2"
  std::string found;               ///< "generation 1", "zeros", "record 17, generation 2"
  std::string view;                ///< read path and mount that show it: "direct@/mnt/a"
  std::uint64_t unit = 0;          ///< alignment unit of the first damaged byte, else of the offset
  std::vector<std::uint64_t> unit_writers;  ///< writers that share the unit, ascending, cut short
  /// Those of another page cache (with one cache: any other) whose records in the unit are whole:
  /// if this one was overwritten, one of them did it. Empty where nobody can have.
  std::vector<std::uint64_t> overwritten_by;
  Region region = Region::record;
  /// The wrong bytes of a damaged record, ascending, cut short. Two runs have 8 right bytes or more
  /// between them.
  std::vector<FileBytes> damage;
};

/// "record 17 of writer 3", "header".
std::string place_words(const Example& example);

const char* region_name(Region region);
inline constexpr Region kRegions[] = {Region::record, Region::padding, Region::header,
                                      Region::file_end};

inline constexpr std::size_t kMostExamples = 20;
inline constexpr std::size_t kMostDamageRanges = 8;
inline constexpr std::size_t kMostDamaged = 65536;

/// Counts are exact; examples and damaged elements are the first in file order, whatever order they
/// came in.
struct Findings {
  std::uint64_t records_checked = 0;
  std::uint64_t unwritten = 0;
  /// Records that the judge saw right and another view past the page cache did not: then which of
  /// them is the store?
  std::uint64_t uncached_differences = 0;
  AnomalyCounts anomalies;
  std::vector<Example> examples;
  std::vector<std::uint64_t> damaged;  ///< elements that the judge saw damaged, ascending
  DamagedTiles damaged_tiles;          ///< where the damage of all of them begins; see tile_bytes

  void add(Example example);
  void add_damaged(std::uint64_t element);
  void merge(Findings other);
};

}  // namespace npyrace
