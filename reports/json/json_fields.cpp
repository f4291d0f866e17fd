#include "reports/json/json_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/table.h"

namespace npyrace {
namespace {

using Json = nlohmann::ordered_json;

/// Deeper JSON is not from npyrace, and printing it would recurse as deeply.
constexpr int kDeepest = 64;

/// An error of the JSON library without its own name for it in brackets.
std::string library_words(const Json::exception& error) {
  const std::string words = error.what();
  const std::size_t end = words.find("] ");
  return end == std::string::npos ? words : words.substr(end + 2);
}

std::unique_ptr<Json> parsed(const std::string& text) {
  const auto shallow = [](int depth, Json::parse_event_t, Json&) {
    if (depth > kDeepest)
      throw FormatError(fmt::format("nested deeper than {} levels: no result is", kDeepest));
    return true;
  };
  try {
    return std::make_unique<Json>(Json::parse(text, shallow));
  } catch (const Json::parse_error& error) {
    const std::size_t byte = error.byte == 0 ? 0 : error.byte - 1;
    throw FormatError(byte >= text.size()
                          ? fmt::format("the JSON ends in the middle, after {} bytes", text.size())
                          : fmt::format("not JSON from byte {} on", byte));
  } catch (const Json::exception& error) {
    throw FormatError("JSON: " + library_words(error));
  }
}

std::string dump(const Json& json, int indent, NotUtf8 bytes) {
  try {
    return json.dump(indent, ' ', false,
                     bytes == NotUtf8::replaced ? Json::error_handler_t::replace
                                                : Json::error_handler_t::strict);
  } catch (const Json::exception& error) {
    throw FormatError("JSON cannot hold this text: " + library_words(error));
  }
}

}  // namespace

std::string JsonFields::place() const {
  if (parent_ == nullptr) return "";
  std::string before = parent_->place();
  if (key_.data() == nullptr) return fmt::format("{}[{}]", before, index_);
  return before.empty() ? std::string(key_) : fmt::format("{}.{}", before, key_);
}

void JsonFields::wrong(const std::string& words, const std::string& part) const {
  std::string where = place();
  if (!part.empty()) where += (where.empty() ? "" : ".") + part;
  throw FormatError(where.empty() ? words : fmt::format("{}: {}", where, words));
}

void JsonFields::json_text(std::string& text) {
  if (reads())
    text = in_->is_null() ? "" : dump(*in_, -1, NotUtf8::replaced);
  else
    *out_ = text.empty() ? Json() : *parsed(text);
}

void JsonFields::wrong_length(std::size_t expected) const {
  wrong(fmt::format("an array of {} is expected", expected));
}

void JsonFields::unknown_name(const std::string& name, const char* what) {
  throw FormatError(fmt::format("'{}' is no {}", name, what));
}

bool JsonFields::has(std::string_view key) {
  if (named_.empty() || named_.back() != key) named_.push_back(key);
  if (!in_->is_object()) wrong(fmt::format("an object is expected, found {}", in_->type_name()));
  return in_->contains(key);
}

JsonFields JsonFields::member(std::string_view key) {
  if (!reads()) return JsonFields((*out_)[std::string(key)]);
  if (!has(key)) wrong(fmt::format("the key '{}' is missing", key));
  return {*in_->find(key), *this, key, 0};
}

void JsonFields::refuse_other_keys() const {
  if (!reads()) return;
  const std::vector<std::string> known(named_.begin(), named_.end());
  for (const auto& [key, value] : in_->items())
    if (std::ranges::find(known, key) == known.end())
      wrong(unknown_name_message("key", key, known));
}

std::size_t JsonFields::array(std::size_t written) {
  if (!reads()) {
    *out_ = Json::array();
    return written;
  }
  if (!in_->is_array()) wrong(fmt::format("an array is expected, found {}", in_->type_name()));
  return in_->size();
}

JsonFields JsonFields::element_at(std::size_t index) {
  if (reads()) return {(*in_)[index], *this, std::string_view(), index};
  out_->push_back(nullptr);
  return JsonFields(out_->back());
}

std::vector<std::string> JsonFields::object() {
  std::vector<std::string> keys;
  if (!reads()) {
    *out_ = Json::object();
    return keys;
  }
  if (!in_->is_object()) wrong(fmt::format("an object is expected, found {}", in_->type_name()));
  for (const auto& [key, value] : in_->items()) keys.push_back(key);
  return keys;
}

void JsonFields::text(const std::string& written,
                      const std::function<void(const std::string&)>& read) {
  std::string found = written;
  value(found);
  if (!reads()) return;
  try {
    read(found);
  } catch (const UsageError& error) {
    wrong(error.what());
  } catch (const FormatError& error) {
    wrong(error.what());
  }
}

void JsonFields::value(std::string& text) {
  if (!reads()) {
    *out_ = text;
    return;
  }
  if (!in_->is_string()) wrong(fmt::format("a string is expected, found {}", in_->type_name()));
  text = in_->get<std::string>();
}

void JsonFields::value(bool& flag) {
  if (!reads()) {
    *out_ = flag;
    return;
  }
  if (!in_->is_boolean())
    wrong(fmt::format("true or false is expected, found {}", in_->type_name()));
  flag = in_->get<bool>();
}

void JsonFields::value(double& number) {
  if (!reads()) {
    *out_ = number;
    return;
  }
  if (!in_->is_number() || in_->get<double>() < 0) wrong("a number from 0 on is expected");
  number = in_->get<double>();
}

/// nlohmann::json casts numbers that do not fit, which is undefined for floating point.
template <typename Integer>
void JsonFields::integer(Integer& value) {
  if (!reads()) {
    *out_ = value;
    return;
  }
  const bool fits =
      in_->is_number_unsigned()
          ? std::in_range<Integer>(in_->get<std::uint64_t>())
          : in_->is_number_integer() && std::in_range<Integer>(in_->get<std::int64_t>());
  if (!fits)
    wrong(fmt::format("a whole number from {} to {} is expected",
                      std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max()));
  value = in_->get<Integer>();
}

template void JsonFields::integer(std::uint64_t& value);
template void JsonFields::integer(std::int64_t& value);
template void JsonFields::integer(unsigned& value);

JsonDocument::JsonDocument() : json_(std::make_unique<Json>()) {}
JsonDocument::JsonDocument(const std::string& text) : json_(parsed(text)) {}
JsonDocument::~JsonDocument() = default;

JsonFields JsonDocument::writer() {
  if (!json_->is_null() && !json_->is_object()) throw FormatError("an object is expected");
  return JsonFields(*json_);
}

bool JsonDocument::has(std::string_view key) const {
  return json_->is_object() && json_->contains(key);
}

void JsonDocument::erase(std::string_view key) {
  json_->erase(std::string(key));
}

std::string JsonDocument::line(NotUtf8 bytes) const {
  return dump(*json_, -1, bytes);
}

std::string JsonDocument::lines(NotUtf8 bytes) const {
  return dump(*json_, 2, bytes);
}

}  // namespace npyrace
