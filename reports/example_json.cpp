#include "reports/example_json.h"

#include <fmt/format.h>

#include "core/anomaly.h"

namespace npyrace {
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
