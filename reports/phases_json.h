#pragma once
// PhaseSeconds as JSON, for the files that our own programs leave for each other.

#include <nlohmann/json.hpp>

#include "core/result.h"

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
          .collect = json.value("collect", 0.0)};  // not in files of before
}

}  // namespace npyrace
