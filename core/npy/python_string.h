#pragma once
// String literals of Python: their text from source, and their source from text.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace npyrace {

/// What stands before the opening quote.
struct StringPrefix {
  std::size_t size_bytes = 0;
  bool raw = false;
  bool bytes = false;
};

/// The prefix of a string or bytes literal that begins at byte `at` of `source`, or nothing when
/// no such literal begins there. f-strings are no literals.
std::optional<StringPrefix> string_prefix(std::string_view source, std::size_t at);

struct StringToken {
  std::string text;  ///< UTF-8 for strings; unspecified for bytes literals
  std::size_t end = 0;
};

/// Reads the one string token that begins with `prefix` at byte `at`. Throws LiteralError.
StringToken read_string_token(std::string_view source, std::size_t at, const StringPrefix& prefix);

/// repr() of a Python string given in UTF-8 (lone surrogates as append_utf8 writes them).
std::string python_repr(std::string_view text);

}  // namespace npyrace
