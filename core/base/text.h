#pragma once
// UTF-8 and Latin-1, as far as NPY headers need them.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace npyrace {

/// Appends `code_point` in UTF-8. A lone surrogate, which a Python escape may name, becomes three
/// bytes that are not valid UTF-8.
void append_utf8(std::string& text, char32_t code_point);

struct CodePoint {
  char32_t value = 0;
  std::size_t size_bytes = 1;
  bool valid = false;  ///< when not, value is the byte itself and size_bytes is 1
};

/// The code point that begins at byte `at`, which must lie inside `text`. Surrogates are read as
/// append_utf8 writes them only when `surrogates_allowed`.
CodePoint decode_utf8(std::string_view text, std::size_t at, bool surrogates_allowed = false);

/// Byte at which `text` stops being valid UTF-8, or nothing when all of it is.
std::optional<std::size_t> first_invalid_utf8(std::string_view text);

/// Code points in `text`, which is valid UTF-8.
std::size_t count_code_points(std::string_view text);

/// Every byte is one code point.
std::string latin1_to_utf8(std::string_view text);

// C's strtol, which NumPy parses type strings with, on text that may hold anything.

struct AsciiNumber {
  std::int64_t value = 0;      ///< clamped to the range of 64 bits
  std::size_t size_bytes = 0;  ///< 0 when no number begins there
};

/// Blanks, a sign, decimal digits at the beginning of `text`.
AsciiNumber leading_number(std::string_view text);

}  // namespace npyrace
