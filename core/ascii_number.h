#pragma once
// C's strtol, which NumPy parses type strings with, on text that may hold anything.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace npyrace {

struct AsciiNumber {
  std::int64_t value = 0;      ///< clamped to the range of 64 bits
  std::size_t size_bytes = 0;  ///< 0 when no number begins there
};

/// Blanks, a sign, decimal digits at the beginning of `text`.
AsciiNumber leading_number(std::string_view text);

}  // namespace npyrace
