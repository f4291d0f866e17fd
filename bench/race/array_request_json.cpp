#include "bench/race/array_request_json.h"

#include "core/ownership.h"

namespace npyrace {

nlohmann::ordered_json to_json(const ArrayRequest& request) {
  return {{"descr", request.descr},
          {"row_shape", request.row_shape},
          {"records", request.records},
          {"layout", request.layout},
          {"align_bytes", request.align_bytes},
          {"ownership", ownership_name(request.ownership)},
          {"writers", request.writers},
          {"seed", request.seed}};
}

ArrayRequest array_request_from_json(const nlohmann::ordered_json& json) {
  return {.descr = json.at("descr").get<std::string>(),
          .row_shape = json.at("row_shape").get<std::vector<std::uint64_t>>(),
          .records = json.at("records").get<std::uint64_t>(),
          .layout = json.at("layout").get<std::string>(),
          .align_bytes = json.at("align_bytes").get<std::uint64_t>(),
          .ownership = find_ownership(json.at("ownership").get<std::string>()),
          .writers = json.at("writers").get<std::uint64_t>(),
          .seed = json.at("seed").get<std::uint64_t>()};
}

}  // namespace npyrace
