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

}  // namespace

Json example_to_json(const Example& example) {
  return {{"class", anomaly_name(example.anomaly)},
          {"record", example.record},
          {"offset", example.offset_bytes},
          {"writer", example.writer},
          {"expected", example.expected},
          {"found", example.found},
          {"view", example.view},
          {"unit", example.unit},
          {"unit_writers", example.unit_writers},
          {"overwritten_by", example.overwritten_by}};
}

void read_example(const JsonPlace& place, Example& example) {
  example.anomaly = anomaly_at(place.at("class"));
  place.read("record", example.record);
  place.read("offset", example.offset_bytes);
  place.read("writer", example.writer);
  place.read("expected", example.expected);
  place.read("found", example.found);
  place.read("view", example.view);
  place.read("unit", example.unit);
  place.read("unit_writers", example.unit_writers);
  place.read("overwritten_by", example.overwritten_by);
}

}  // namespace npyrace
