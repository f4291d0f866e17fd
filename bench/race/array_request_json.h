#pragma once
// ArrayRequest as JSON, for workers and for the sidecar beside a created file.

#include <nlohmann/json.hpp>

#include "core/array_map.h"

namespace npyrace {

nlohmann::ordered_json to_json(const ArrayRequest& request);
/// Throws nlohmann::json::exception or UsageError on anything that is not such a request.
ArrayRequest array_request_from_json(const nlohmann::ordered_json& json);

}  // namespace npyrace
