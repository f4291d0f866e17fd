#include "bench/race/race_order.h"

#include <nlohmann/json.hpp>

#include "bench/race/array_request_json.h"
#include "core/error.h"

namespace npyrace {

std::string to_text(const RaceOrder& order) {
  const nlohmann::ordered_json json{
      {"array", to_json(order.array)},   {"paths", order.paths},
      {"strategies", order.strategies},  {"sync", order.sync},
      {"local_dir", order.local_dir},    {"stamp_seed", order.stamp_seed},
      {"generations", order.generations}};
  return json.dump();
}

RaceOrder race_order_from_text(const std::string& text) {
  try {
    const auto json = nlohmann::ordered_json::parse(text);
    return {.array = array_request_from_json(json.at("array")),
            .paths = json.at("paths").get<std::vector<std::string>>(),
            .strategies = json.at("strategies").get<std::vector<std::string>>(),
            .sync = json.at("sync").get<std::string>(),
            .local_dir = json.at("local_dir").get<std::string>(),
            .stamp_seed = json.at("stamp_seed").get<std::uint64_t>(),
            .generations = json.at("generations").get<unsigned>()};
  } catch (const nlohmann::json::exception& error) {
    throw FormatError(std::string("race order: ") + error.what());
  }
}

}  // namespace npyrace
