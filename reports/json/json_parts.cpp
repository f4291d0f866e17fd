#include "reports/json/json_parts.h"

#include <fmt/format.h>

#include "core/result/verdict.h"

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

/// Returns the number of tiles; limits it, because the page draws each of them.
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

namespace {

Anomaly anomaly_at(const JsonPlace& place) {
  std::string name;
  place.into(name);
  for (const AnomalyRow& row : anomaly_table())
    if (name == row.name) return row.anomaly;
  place.wrong(fmt::format("'{}' is no class of anomaly", name));
}

Region region_at(const JsonPlace& place) {
  std::string name;
  place.into(name);
  for (const Region region : kRegions)
    if (name == region_name(region)) return region;
  place.wrong(fmt::format("'{}' is no region of a file", name));
}

Json damage_to_json(const std::vector<FileBytes>& damage) {
  Json json = Json::array();
  for (const FileBytes& range : damage) json.push_back({range.begin, range.end});
  return json;
}

std::vector<FileBytes> damage_at(const JsonPlace& place) {
  std::vector<FileBytes> damage;
  for (const JsonPlace& element : place.elements()) {
    std::vector<std::uint64_t> range;
    element.into(range);
    if (range.size() != 2 || range[0] >= range[1]) element.wrong("not [begin, end] of a range");
    damage.push_back({range[0], range[1]});
  }
  return damage;
}

}  // namespace

Json example_to_json(const Example& example) {
  return {{"class", anomaly_name(example.anomaly)},
          {"region", region_name(example.region)},
          {"record", example.record},
          {"offset", example.offset_bytes},
          {"writer", example.writer},
          {"expected", example.expected},
          {"found", example.found},
          {"damage", damage_to_json(example.damage)},
          {"view", example.view},
          {"unit", example.unit},
          {"unit_writers", example.unit_writers},
          {"overwritten_by", example.overwritten_by}};
}

void read_example(const JsonPlace& place, Example& example) {
  example.anomaly = anomaly_at(place.at("class"));
  if (const auto region = place.find("region")) example.region = region_at(*region);
  place.read("record", example.record);
  place.read("offset", example.offset_bytes);
  place.read("writer", example.writer);
  place.read("expected", example.expected);
  place.read("found", example.found);
  if (const auto damage = place.find("damage")) example.damage = damage_at(*damage);
  place.read("view", example.view);
  place.read("unit", example.unit);
  place.read("unit_writers", example.unit_writers);
  place.read("overwritten_by", example.overwritten_by);
}

}  // namespace npyrace
