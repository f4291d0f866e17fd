#pragma once
// One description of a struct for both directions of JSON. A struct has one function
//
//   void describe(JsonFields& json, Point& point) {
//     json("x", point.x);
//     json("y", point.y);
//   }
//
// which writes the struct and reads it back, so that a key is added in one place. `describe` is
// found by argument-dependent lookup: declare it in the namespace of the struct or in npyrace, and
// never in an unnamed namespace unless the struct is in it, too.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/error.h"

namespace npyrace {

/// The meaning of a missing key when JSON is read.
enum class Missing {
  keeps_default,  ///< the file may be of an older version, which did not have the key
  refused,        ///< FormatError, except for keys that are not always written
};

/// One JSON value that is being written or read. Errors in what is read are FormatErrors that name
/// the place: "npyrace.cells[3].writers: …".
class JsonFields {
 public:
  JsonFields(const JsonFields&) = delete;
  JsonFields& operator=(const JsonFields&) = delete;

  /// True while JSON is read into the struct, false while the struct is written.
  bool reads() const { return in_ != nullptr; }

  // The members of an object.

  /// Writes `value`, or reads it; see Missing for a key that is not there.
  template <typename Value>
  void operator()(std::string_view key, Value& value) {
    if (!reads() || missing_ == Missing::refused || has(key)) required(key, value);
  }

  /// A key that is written only if there is a value.
  template <typename Value>
  void operator()(std::string_view key, std::optional<Value>& value) {
    if (reads() ? has(key) : value.has_value()) required(key, reads() ? value.emplace() : *value);
  }

  /// A key without which nothing can be read, not even a file of an older version.
  template <typename Value>
  void required(std::string_view key, Value& value) {
    JsonFields part = member(key);
    describe(part, value);
  }

  /// A key that files of version 0.1 lack, in a format that has all its other keys.
  template <typename Value>
  void added(std::string_view key, Value& value) {
    if (!reads() || has(key)) required(key, value);
  }

  /// A key that is written only if `written`.
  template <typename Value>
  void when(bool written, std::string_view key, Value& value) {
    if (reads() ? has(key) : written) required(key, value);
  }

  template <typename Value>
  void unless_empty(std::string_view key, Value& value) {
    when(!value.empty(), key, value);
  }

  /// A key for people and other programs, which follows from others and is not read back.
  template <typename Value>
  void write_only(std::string_view key, Value value) {
    if (reads())
      has(key);  // it is no unknown key
    else
      required(key, value);
  }

  /// True if the object that is read has the key.
  bool has(std::string_view key);

  // Plain values. A number that is read must fit its type: it is never rounded or cut.

  void value(std::string& text);
  void value(bool& flag);
  void value(double& number);  ///< never negative, because no measured value is
  void value(std::uint64_t& number) { integer(number); }
  void value(std::int64_t& number) { integer(number); }
  void value(unsigned& number) { integer(number); }

  // Other forms of a value.

  /// An array of a fixed number of values.
  template <typename... Values>
  void elements(Values&... values) {
    if (array(sizeof...(values)) != sizeof...(values)) wrong_length(sizeof...(values));
    std::size_t index = 0;
    (element(index++, values), ...);
  }

  /// A string with a meaning. `read` may throw UsageError or FormatError; the place is added.
  void text(const std::string& written, const std::function<void(const std::string&)>& read);

  /// A value that is already JSON text; empty: null.
  void json_text(std::string& text);

  /// An enumeration by the names of its values. `what`: "verdict".
  template <typename Enum>
  void name(Enum& chosen, std::span<const std::type_identity_t<Enum>> all,
            const char* (*name_of)(Enum), const char* what) {
    text(name_of(chosen), [&](const std::string& name) {
      for (const Enum one : all)
        if (name == name_of(one)) {
          chosen = one;
          return;
        }
      unknown_name(name, what);
    });
  }

  /// An enumeration by its number, for messages between processes of the same version.
  template <typename Enum>
  void number(Enum& one, Enum last) {
    auto number = static_cast<std::uint64_t>(one);
    value(number);
    check(number <= static_cast<std::uint64_t>(last), "the number is too large");
    one = static_cast<Enum>(number);
  }

  // Checks of what was read.

  /// The version of a format under its own key; refuses any other, except from `oldest` on.
  void version(std::string_view key, std::uint64_t ours, std::optional<std::uint64_t> oldest = {}) {
    std::uint64_t version = ours;
    (*this)(key, version);
    check(version <= ours && version >= oldest.value_or(ours), "another version wrote it");
  }
  void check(bool holds, const std::string& words) const {
    if (reads() && !holds) wrong(words);
  }
  /// `part`: the wrong part of this value, as "owners[3]".
  [[noreturn]] void wrong(const std::string& words, const std::string& part = "") const;
  /// Refuses keys that the description so far does not name: for files that people write, in which
  /// a misspelled key would be ignored.
  void refuse_other_keys() const;

  // For the descriptions of containers.

  /// Makes the value an array when writing. Returns `written`, or when reading the array's length.
  std::size_t array(std::size_t written);
  template <typename Value>
  void element(std::size_t index, Value& value) {
    JsonFields part = element_at(index);
    describe(part, value);
  }
  /// Makes the value an object when writing. Returns the keys when reading.
  std::vector<std::string> object();

 private:
  friend class JsonDocument;

  explicit JsonFields(nlohmann::ordered_json& out) : out_(&out) {}
  JsonFields(const nlohmann::ordered_json& in, Missing missing) : in_(&in), missing_(missing) {}
  JsonFields(const nlohmann::ordered_json& in, const JsonFields& parent, std::string_view key,
             std::size_t index)
      : in_(&in), missing_(parent.missing_), parent_(&parent), key_(key), index_(index) {}

  JsonFields member(std::string_view key);
  JsonFields element_at(std::size_t index);
  [[noreturn]] void wrong_length(std::size_t expected) const;
  [[noreturn]] static void unknown_name(const std::string& name, const char* what);
  std::string place() const;
  template <typename Integer>
  void integer(Integer& value);

  nlohmann::ordered_json* out_ = nullptr;
  const nlohmann::ordered_json* in_ = nullptr;
  Missing missing_ = Missing::keeps_default;
  const JsonFields* parent_ = nullptr;
  std::string_view key_;  ///< in `parent_`; without a key: an element of an array
  std::size_t index_ = 0;
  std::vector<std::string_view> named_;  ///< the keys that were asked for while reading
};

template <typename Value>
concept PlainValue = requires(JsonFields& json, Value& value) {
  json.value(value);
};

template <PlainValue Value>
void describe(JsonFields& json, Value& value) {
  json.value(value);
}

template <typename Value>
void describe(JsonFields& json, std::vector<Value>& values) {
  const std::size_t count = json.array(values.size());
  if (json.reads()) values.clear();
  for (std::size_t i = 0; i < count; ++i)
    json.element(i, json.reads() ? values.emplace_back() : values[i]);
}

/// An object whose keys are data.
template <typename Value>
void describe(JsonFields& json, std::vector<std::pair<std::string, Value>>& values) {
  const std::vector<std::string> keys = json.object();
  if (json.reads()) values.clear();
  for (const std::string& key : keys) values.emplace_back(key, Value());
  for (auto& [key, value] : values) json.required(key, value);
}

template <typename Value>
void describe(JsonFields& json, std::map<std::string, Value>& values) {
  const std::vector<std::string> keys = json.object();
  if (json.reads()) values.clear();
  for (const std::string& key : keys) values[key];
  for (auto& [key, value] : values) json.required(key, value);
}

// Documents.

/// The treatment of text that is not UTF-8, which JSON requires.
enum class NotUtf8 {
  replaced,  ///< by U+FFFD: for words
  refused,   ///< FormatError: for paths, which would name another file
};

class JsonDocument {
 public:
  JsonDocument();
  /// Throws FormatError with the byte offset of a syntax error.
  explicit JsonDocument(const std::string& text);
  ~JsonDocument();

  /// True if the document is an object with that key.
  bool has(std::string_view key) const;
  void erase(std::string_view key);

  /// Adds the keys of `value`; a key that is there already is replaced. Throws FormatError if the
  /// document is no object.
  template <typename Value>
  void write(Value& value) {
    JsonFields json = writer();
    describe(json, value);
  }
  template <typename Value>
  void write(std::string_view key, Value& value) {
    writer().required(key, value);
  }
  /// Throws FormatError.
  template <typename Value>
  void read(Value& value, Missing missing) const {
    JsonFields json(*json_, missing);
    describe(json, value);
  }
  template <typename Value>
  void read(std::string_view key, Value& value, Missing missing) const {
    JsonFields(*json_, missing).required(key, value);
  }

  /// Throws FormatError.
  std::string line(NotUtf8 bytes) const;
  /// Indented. Does not end with a newline.
  std::string lines(NotUtf8 bytes) const;

 private:
  JsonFields writer();

  std::unique_ptr<nlohmann::ordered_json> json_;
};

/// `value` is a copy because its description could change it.
template <typename Value>
std::string json_line(Value value, NotUtf8 bytes) {
  JsonDocument document;
  document.write(value);
  return document.line(bytes);
}

/// The text of a file.
template <typename Value>
std::string json_file(Value value, NotUtf8 bytes) {
  JsonDocument document;
  document.write(value);
  return document.lines(bytes) + "\n";
}

/// Throws FormatError.
template <typename Value>
Value from_json(const std::string& text, Missing missing) {
  Value value;
  JsonDocument(text).read(value, missing);
  return value;
}

/// Reads a message of another process of this version. Throws FormatError "WHAT: …".
template <typename Value>
Value from_message(const char* what, const std::string& text) {
  try {
    return from_json<Value>(text, Missing::refused);
  } catch (const FormatError& error) {
    throw FormatError(std::string(what) + ": " + error.what());
  }
}

}  // namespace npyrace
