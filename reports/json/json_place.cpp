#include "reports/json/json_place.h"

#include <fmt/format.h>

#include "core/base/error.h"

namespace npyrace {
namespace {

/// Deeper JSON is not a result, and printing it would recurse as deeply.
constexpr int kDeepest = 64;

}  // namespace

void JsonPlace::wrong(const std::string& words) const {
  throw FormatError(fmt::format("{}: {}", name_, words));
}

std::optional<JsonPlace> JsonPlace::find(std::string_view key) const {
  if (!json_.is_object()) wrong(fmt::format("an object is expected, found {}", json_.type_name()));
  const auto place = json_.find(std::string(key));
  if (place == json_.end()) return std::nullopt;
  return JsonPlace(*place, name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key));
}

JsonPlace JsonPlace::at(std::string_view key) const {
  const auto place = find(key);
  if (!place) wrong(fmt::format("the key '{}' is missing", key));
  return *place;
}

std::vector<JsonPlace> JsonPlace::elements() const {
  if (!json_.is_array()) wrong(fmt::format("an array is expected, found {}", json_.type_name()));
  std::vector<JsonPlace> all;
  for (std::size_t i = 0; i < json_.size(); ++i)
    all.emplace_back(json_[i], fmt::format("{}[{}]", name_, i));
  return all;
}

void JsonPlace::into(std::string& value) const {
  if (!json_.is_string()) wrong(fmt::format("a string is expected, found {}", json_.type_name()));
  value = json_.get<std::string>();
}

void JsonPlace::into(bool& value) const {
  if (!json_.is_boolean())
    wrong(fmt::format("true or false is expected, found {}", json_.type_name()));
  value = json_.get<bool>();
}

void JsonPlace::into(double& value) const {
  if (!json_.is_number() || json_.get<double>() < 0) wrong("a number from 0 on is expected");
  value = json_.get<double>();
}

void JsonPlace::into(std::uint64_t& value) const {
  if (!json_.is_number_unsigned()) wrong("a whole number from 0 to 2^64-1 is expected");
  value = json_.get<std::uint64_t>();
}

Json parse_json(const std::string& text) {
  const auto shallow = [](int depth, Json::parse_event_t, Json&) {
    if (depth > kDeepest)
      throw FormatError(fmt::format("nested deeper than {} levels: no result is", kDeepest));
    return true;
  };
  try {
    return Json::parse(text, shallow);
  } catch (const Json::parse_error& error) {
    const std::size_t byte = error.byte == 0 ? 0 : error.byte - 1;
    throw FormatError(byte >= text.size()
                          ? fmt::format("the JSON ends in the middle, after {} bytes", text.size())
                          : fmt::format("not JSON from byte {} on", byte));
  } catch (const Json::exception& error) {
    throw FormatError("JSON: " + words_of(error));
  }
}

std::string words_of(const nlohmann::json::exception& error) {
  const std::string words = error.what();
  const std::size_t end = words.find("] ");
  return end == std::string::npos ? words : words.substr(end + 2);
}

}  // namespace npyrace
