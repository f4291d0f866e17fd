#pragma once
// Conversion of parts of a result to and from JSON: phases (also for the files of jobs), page map,
// example.

#include <nlohmann/json.hpp>

#include "core/result/findings.h"
#include "core/result/result.h"
#include "reports/json/json_place.h"

namespace npyrace {

inline nlohmann::ordered_json phases_to_json(const PhaseSeconds& phases) {
  return {{"open", phases.open},      {"map", phases.map},   {"first_touch", phases.first_touch},
          {"write", phases.write},    {"sync", phases.sync}, {"close", phases.close},
          {"collect", phases.collect}};
}

/// Throws nlohmann::json::exception.
inline PhaseSeconds phases_from_json(const nlohmann::ordered_json& json) {
  return {.open = json.at("open"),
          .map = json.at("map"),
          .first_touch = json.at("first_touch"),
          .write = json.at("write"),
          .sync = json.at("sync"),
          .close = json.at("close"),
          .collect = json.value("collect", 0.0)};  // missing in files of earlier versions
}

// Page map.

Json page_map_to_json(const PageMap& map);
/// Throws FormatError, also for an inconsistent map: too many tiles, damage beyond the last tile.
void read_page_map(const JsonPlace& place, PageMap& map);

// Example.

Json example_to_json(const Example& example);
/// Throws FormatError, also for an unknown anomaly class.
void read_example(const JsonPlace& place, Example& example);

}  // namespace npyrace
