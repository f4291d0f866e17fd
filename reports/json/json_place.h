#pragma once
// A value in a JSON document together with its path, so that errors in a malformed file name the
// position.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace npyrace {

using Json = nlohmann::ordered_json;

/// Refers to a document that must outlive it. Every member throws FormatError of the form
/// "npyrace.cells[3].writers: …".
class JsonPlace {
 public:
  JsonPlace(const Json& json, std::string name) : json_(json), name_(std::move(name)) {}

  const Json& json() const { return json_; }
  const std::string& name() const { return name_; }

  /// The member `key` of an object; nothing if it is missing, as in files of older versions.
  std::optional<JsonPlace> find(std::string_view key) const;
  /// The same; throws if it is missing.
  JsonPlace at(std::string_view key) const;
  /// The elements of an array.
  std::vector<JsonPlace> elements() const;

  void into(std::string& value) const;
  void into(bool& value) const;
  void into(double& value) const;         ///< must not be negative: no value in a result is
  void into(std::uint64_t& value) const;  ///< must be an integer from 0; never rounded
  template <typename Value>
  void into(std::vector<Value>& values) const {
    values.clear();
    for (const JsonPlace& element : elements()) element.into(values.emplace_back());
  }

  /// Leaves `value` unchanged if `key` is missing.
  template <typename Value>
  void read(std::string_view key, Value& value) const {
    if (const auto place = find(key)) place->into(value);
  }

  [[noreturn]] void wrong(const std::string& words) const;

 private:
  const Json& json_;
  std::string name_;
};

/// Parses `text`. Throws FormatError with the byte offset of a syntax error.
Json parse_json(const std::string& text);

/// An error of the JSON library without its own name for it in brackets: "key 'x' not found".
std::string words_of(const nlohmann::json::exception& error);

}  // namespace npyrace
