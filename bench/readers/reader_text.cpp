#include "bench/readers/reader_text.h"

#include <nlohmann/json.hpp>

#include "bench/race/array_request_json.h"
#include "core/error.h"

namespace npyrace {
namespace {

using Json = nlohmann::ordered_json;

/// Paths may be any bytes, and JSON is UTF-8 only.
std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Sighting sighting_from(const Json& json) {
  return {.kind = json.at("kind").get<std::string>(),
          .record = json.at("record").get<std::uint64_t>(),
          .writer = json.at("writer").get<std::uint64_t>(),
          .found = json.at("found").get<std::string>(),
          .before = json.at("before").get<std::string>(),
          .view = json.at("view").get<std::string>()};
}

template <typename Parse>
auto parsed(const char* what, Parse parse) {
  try {
    return parse();
  } catch (const nlohmann::json::exception& error) {
    throw FormatError(std::string(what) + error.what());
  }
}

}  // namespace

std::string to_text(const ReaderOrder& order) {
  return Json{{"array", to_json(order.array)},
              {"stamp_seed", order.stamp_seed},
              {"path", order.path},
              {"read_path", order.read_path},
              {"view", order.view}}
      .dump();
}

ReaderOrder reader_order_from_text(const std::string& text) {
  return parsed("reader's order: ", [&]() -> ReaderOrder {
    const auto json = Json::parse(text);
    return {.array = array_request_from_json(json.at("array")),
            .stamp_seed = json.at("stamp_seed").get<std::uint64_t>(),
            .path = json.at("path").get<std::string>(),
            .read_path = json.at("read_path").get<std::string>(),
            .view = json.at("view").get<std::string>()};
  });
}

std::string to_text(const ReadersResult& seen) {
  Json examples = Json::array();
  for (const Sighting& one : seen.examples)
    examples.push_back({{"kind", one.kind},
                        {"record", one.record},
                        {"writer", one.writer},
                        {"found", one.found},
                        {"before", one.before},
                        {"view", one.view}});
  return dump({{"scans", seen.scans},
               {"records_read", seen.records_read},
               {"torn", seen.torn},
               {"went_back", seen.went_back},
               {"other", seen.other},
               {"examples", examples},
               {"problems", seen.problems}});
}

ReadersResult readers_result_from_text(const std::string& text) {
  return parsed("reader's answer: ", [&] {
    const auto json = Json::parse(text);
    ReadersResult seen{.scans = json.at("scans").get<std::uint64_t>(),
                       .records_read = json.at("records_read").get<std::uint64_t>(),
                       .torn = json.at("torn").get<std::uint64_t>(),
                       .went_back = json.at("went_back").get<std::uint64_t>(),
                       .other = json.at("other").get<std::uint64_t>(),
                       .problems = json.at("problems").get<std::vector<std::string>>()};
    for (const Json& one : json.at("examples")) seen.examples.push_back(sighting_from(one));
    return seen;
  });
}

}  // namespace npyrace
