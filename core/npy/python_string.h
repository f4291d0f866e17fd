#pragma once
// Python string literals: decoding from source and encoding as repr().

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace npyrace {

/// The prefix before the opening quote.
struct StringPrefix {
  std::size_t size_bytes = 0;
  bool raw = false;
  bool bytes = false;
};

/// Returns the prefix of the string or bytes literal that begins at byte `at` of `source`, or
/// nothing. f-strings are not literals.
std::optional<StringPrefix> string_prefix(std::string_view source, std::size_t at);

struct StringToken {
  std::string text;  ///< UTF-8 for strings; unspecified for bytes literals
  std::size_t end = 0;
};

/// Reads a single string token that begins with `prefix` at byte `at`. Throws LiteralError.
StringToken read_string_token(std::string_view source, std::size_t at, const StringPrefix& prefix);

/// repr() of a Python string in UTF-8; lone surrogates are encoded as by append_utf8.
std::string python_repr(std::string_view text);

}  // namespace npyrace
