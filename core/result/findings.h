#pragma once
// Findings of validators (counts of anomalies, examples, damaged records) and the page map, which
// shows damage and owners along the file.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/array/array_map.h"
#include "core/file/byte_ranges.h"
#include "core/result/verdict.h"

namespace npyrace {

inline constexpr std::uint64_t kMostTiles = 512;
inline constexpr std::size_t kMostTileWriters = 8;

/// Number of damaged records per tile in which they begin. Exact; at most one entry per tile.
using DamagedTiles = std::map<std::uint64_t, std::uint64_t>;

/// Smallest multiple of the page size that divides the file into at most kMostTiles tiles.
std::uint64_t tile_bytes(std::uint64_t file_bytes);

/// Consecutive tiles with the same writers.
struct TileRun {
  std::uint64_t tiles = 0;
  std::vector<std::uint64_t> writers;  ///< ascending, at most kMostTileWriters
  bool more_writers = false;           ///< there are more than kMostTileWriters
};

struct PageMap {
  std::uint64_t tile_bytes = 0;  ///< 0: not recorded
  std::vector<TileRun> owners;   ///< from the start to the end of the file
  DamagedTiles damaged;
};

/// Samples up to 512 evenly spaced elements per tile for their writers, so some writers of larger
/// tiles may be missing.
PageMap page_map(const ArrayMap& map, DamagedTiles damaged);

// Findings: plain values that can be merged.

/// Part of the file in which an anomaly lies.
enum class Region {
  record,
  padding,  ///< bytes that belong to no record
  header,
  file_end,  ///< the file has a different size
};

/// One anomaly in detail, for people.
struct Example {
  Anomaly anomaly = Anomaly::lost;
  std::uint64_t record = 0;        ///< index of the first axis; 0 for the header
  std::uint64_t offset_bytes = 0;  ///< file offset
  std::uint64_t writer = 0;        ///< the record's owner; 0 if there is none
  std::string expected;            ///< "generation 2"
  std::string found;               ///< "generation 1", "zeros", "record 17, generation 2"
  std::string view;                ///< read path and mount that showed it: "direct@/mnt/a"
  std::uint64_t unit = 0;          ///< alignment unit of the first damaged byte, or of the offset
  std::vector<std::uint64_t> unit_writers;  ///< owners of records in the unit, ascending, truncated
  /// Owners behind another page cache (with one cache: any other owner) that have intact records in
  /// the unit: if this record was overwritten, one of them did it. Empty if there is none.
  std::vector<std::uint64_t> overwritten_by;
  Region region = Region::record;
  /// Ranges of wrong bytes of a damaged record, ascending, truncated. At least 8 correct bytes lie
  /// between two ranges.
  std::vector<ByteRange> damage;
};

/// Formats "record 17 of writer 3", "header".
std::string place_words(const Example& example);

const char* region_name(Region region);
inline constexpr Region kRegions[] = {Region::record, Region::padding, Region::header,
                                      Region::file_end};

inline constexpr std::size_t kMostExamples = 20;
inline constexpr std::size_t kMostDamageRanges = 8;
inline constexpr std::size_t kMostDamaged = 65536;

/// Counts are exact. Examples and damaged elements are the first in file order, independent of the
/// order in which they were added.
struct Findings {
  std::uint64_t records_checked = 0;
  std::uint64_t unwritten = 0;
  /// Records that the judge saw correct and another uncached view did not: it is unknown which of
  /// them shows the stored data.
  std::uint64_t uncached_differences = 0;
  AnomalyCounts anomalies;
  std::vector<Example> examples;
  std::vector<std::uint64_t> damaged;  ///< elements that the judge saw as damaged, ascending
  DamagedTiles damaged_tiles;          ///< of all damaged records; see tile_bytes

  void add(Example example);
  /// The same for an anomaly at that file offset. Describes it, which takes long, only if the
  /// example will be kept.
  template <typename Describe>
  void add(Anomaly anomaly, std::uint64_t offset_bytes, Describe describe) {
    if (keeps(anomaly, offset_bytes))
      add(describe());
    else
      ++anomalies[anomaly];
  }
  void add_damaged(std::uint64_t element);
  void merge(Findings other);

 private:
  bool keeps(Anomaly anomaly, std::uint64_t offset_bytes) const;
};

}  // namespace npyrace
