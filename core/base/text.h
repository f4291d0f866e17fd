#pragma once
// UTF-8, Latin-1, digits and spaces: text as NPY headers and the output of programs hold it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace npyrace {

/// Appends `code_point` in UTF-8. A lone surrogate, which a Python escape may denote, becomes three
/// bytes that are not valid UTF-8.
void append_utf8(std::string& text, char32_t code_point);

struct CodePoint {
  char32_t value = 0;
  std::size_t size_bytes = 1;
  bool valid = false;  ///< if false, value is the byte itself and size_bytes is 1
};

/// Decodes the code point at byte `at`, which must lie inside `text`. Accepts surrogates in the
/// form of append_utf8 only if `surrogates_allowed`.
CodePoint decode_utf8(std::string_view text, std::size_t at, bool surrogates_allowed = false);

/// Offset of the first byte that is not valid UTF-8, or nothing.
std::optional<std::size_t> first_invalid_utf8(std::string_view text);

/// `text` with U+FFFD in the place of each byte that is not valid UTF-8.
std::string with_valid_utf8(std::string_view text);

/// Number of code points in `text`, which must be valid UTF-8.
std::size_t count_code_points(std::string_view text);

/// Converts each byte to one code point.
std::string latin1_to_utf8(std::string_view text);

/// Without the spaces, tabs and carriage returns at both ends.
std::string_view trimmed(std::string_view line);

/// The parts of `text` between separators; at least one.
std::vector<std::string> split(std::string_view text, char separator);

/// The value of a digit of base 16 or less; 99 for other characters.
unsigned digit_value(char c);

// C's strtol, with which NumPy parses type strings, for arbitrary text.

struct AsciiNumber {
  std::int64_t value = 0;      ///< clamped to 64 bits
  std::size_t size_bytes = 0;  ///< 0 if no number begins there
};

/// Parses blanks, a sign, and decimal digits at the beginning of `text`.
AsciiNumber leading_number(std::string_view text);

}  // namespace npyrace
