#include "core/result/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/file/posix_file.h"

namespace npyrace {
namespace {

TileRun writers_of(const ArrayMap& map, std::uint64_t from, std::uint64_t to) {
  TileRun tile{.tiles = 1, .writers = map.writers_in(from, to - from, kMostTileWriters + 1)};
  tile.more_writers = tile.writers.size() > kMostTileWriters;
  if (tile.more_writers) tile.writers.pop_back();
  return tile;
}

void append(std::vector<TileRun>& owners, TileRun tile) {
  const bool same = !owners.empty() && owners.back().writers == tile.writers &&
                    owners.back().more_writers == tile.more_writers;
  if (same)
    owners.back().tiles += tile.tiles;
  else
    owners.push_back(std::move(tile));
}

}  // namespace

std::uint64_t tile_bytes(std::uint64_t file_bytes) {
  const std::uint64_t pages = (file_bytes + page_bytes() - 1) / page_bytes();
  const std::uint64_t pages_a_tile = (pages + kMostTiles - 1) / kMostTiles;
  return std::max<std::uint64_t>(1, pages_a_tile) * page_bytes();
}

PageMap page_map(const ArrayMap& map, DamagedTiles damaged) {
  PageMap tiles{.tile_bytes = tile_bytes(map.file_bytes()), .damaged = std::move(damaged)};
  for (std::uint64_t from = 0; from < map.file_bytes(); from += tiles.tile_bytes)
    append(tiles.owners,
           writers_of(map, from, std::min(from + tiles.tile_bytes, map.file_bytes())));
  return tiles;
}

namespace {

std::pair<std::uint64_t, Anomaly> order_of(const Example& example) {
  return {example.offset_bytes, example.anomaly};
}

void keep_first(std::vector<Example>& examples) {
  std::ranges::sort(examples, {}, order_of);
  if (examples.size() > kMostExamples) examples.resize(kMostExamples);
}

}  // namespace

const char* region_name(Region region) {
  switch (region) {
    case Region::record:
      return "record";
    case Region::padding:
      return "padding";
    case Region::header:
      return "header";
    case Region::file_end:
      return "end of file";
  }
  return "record";
}

std::string place_words(const Example& example) {
  if (example.region == Region::padding)
    return fmt::format("padding of element {}", example.record);
  if (example.region != Region::record) return region_name(example.region);
  return fmt::format("record {} of writer {}", example.record, example.writer);
}

bool Findings::keeps(Anomaly anomaly, std::uint64_t offset_bytes) const {
  return examples.size() < kMostExamples ||
         std::pair(offset_bytes, anomaly) < order_of(examples.back());
}

void Findings::add(Example example) {
  ++anomalies[example.anomaly];
  if (!keeps(example.anomaly, example.offset_bytes)) return;
  examples.push_back(std::move(example));
  keep_first(examples);
}

/// Keeps the list sorted by insertion; elements mostly arrive in file order.
void Findings::add_damaged(std::uint64_t element) {
  const auto place = std::upper_bound(damaged.begin(), damaged.end(), element);
  if (place == damaged.end() && damaged.size() == kMostDamaged) return;
  damaged.insert(place, element);
  if (damaged.size() > kMostDamaged) damaged.pop_back();
}

void Findings::merge(Findings other) {
  records_checked += other.records_checked;
  unwritten += other.unwritten;
  uncached_differences += other.uncached_differences;
  anomalies += other.anomalies;
  std::move(other.examples.begin(), other.examples.end(), std::back_inserter(examples));
  keep_first(examples);
  std::vector<std::uint64_t> both;
  std::merge(damaged.begin(), damaged.end(), other.damaged.begin(), other.damaged.end(),
             std::back_inserter(both));
  if (both.size() > kMostDamaged) both.resize(kMostDamaged);
  damaged = std::move(both);
  for (const auto& [tile, records] : other.damaged_tiles) damaged_tiles[tile] += records;
}

}  // namespace npyrace
