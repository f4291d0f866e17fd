#include "reports/page_map_json.h"

#include <fmt/format.h>

namespace npyrace {
namespace {

Json run_to_json(const TileRun& run) {
  return {{"tiles", run.tiles}, {"writers", run.writers}, {"more_writers", run.more_writers}};
}

void read_run(const JsonPlace& place, TileRun& run) {
  place.read("tiles", run.tiles);
  place.read("writers", run.writers);
  place.read("more_writers", run.more_writers);
}

/// Returns how many tiles there are; whoever draws them trusts that they are few.
std::uint64_t read_owners(const JsonPlace& owners, PageMap& map) {
  std::uint64_t tiles = 0;
  for (const JsonPlace& run : owners.elements()) {
    read_run(run, map.owners.emplace_back());
    if (map.owners.back().tiles > kMostTiles - tiles)
      run.wrong(fmt::format("more than {} tiles", kMostTiles));
    tiles += map.owners.back().tiles;
  }
  return tiles;
}

void read_damage(const JsonPlace& place, std::uint64_t tiles, DamagedTiles& damaged) {
  std::uint64_t tile = 0;
  place.at("tile").into(tile);
  if (tile >= tiles) place.wrong(fmt::format("tile {} of {}", tile, tiles));
  place.at("records").into(damaged[tile]);
}

}  // namespace

Json page_map_to_json(const PageMap& map) {
  Json json{{"tile_bytes", map.tile_bytes}, {"owners", Json::array()}, {"damaged", Json::array()}};
  for (const TileRun& run : map.owners) json["owners"].push_back(run_to_json(run));
  for (const auto& [tile, records] : map.damaged)
    json["damaged"].push_back({{"tile", tile}, {"records", records}});
  return json;
}

void read_page_map(const JsonPlace& place, PageMap& map) {
  place.at("tile_bytes").into(map.tile_bytes);
  const std::uint64_t tiles = read_owners(place.at("owners"), map);
  for (const JsonPlace& damage : place.at("damaged").elements())
    read_damage(damage, tiles, map.damaged);
}

}  // namespace npyrace
