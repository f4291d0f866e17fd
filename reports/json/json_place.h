#pragma once
// A place in a JSON document that remembers where it is, so that whoever reads a damaged file can
// be told what is wrong and where.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace npyrace {

using Json = nlohmann::ordered_json;

/// Refers to a document that must outlive it. Every member throws FormatError,
/// "npyrace.cells[3].writers: …".
class JsonPlace {
 public:
  JsonPlace(const Json& json, std::string name) : json_(json), name_(std::move(name)) {}

  const Json& json() const { return json_; }
  const std::string& name() const { return name_; }

  /// The member `key` of an object; nothing where it is missing: older versions had fewer keys.
  std::optional<JsonPlace> find(std::string_view key) const;
  /// The same where there must be one.
  JsonPlace at(std::string_view key) const;
  /// Of an array.
  std::vector<JsonPlace> elements() const;

  void into(std::string& value) const;
  void into(bool& value) const;
  void into(double& value) const;         ///< not negative: nothing in a result is
  void into(std::uint64_t& value) const;  ///< a whole number from 0 on, never a rounded one
  template <typename Value>
  void into(std::vector<Value>& values) const {
    values.clear();
    for (const JsonPlace& element : elements()) element.into(values.emplace_back());
  }

  /// Leaves `value` as it is where `key` is missing.
  template <typename Value>
  void read(std::string_view key, Value& value) const {
    if (const auto place = find(key)) place->into(value);
  }

  [[noreturn]] void wrong(const std::string& words) const;

 private:
  const Json& json_;
  std::string name_;
};

/// `text` as JSON. Throws FormatError, which says at which byte it stops being that.
Json parse_json(const std::string& text);

}  // namespace npyrace
