#pragma once
// Text for terminals of 80 columns.

#include <cstddef>
#include <string>

namespace npyrace {

inline constexpr std::size_t kTerminalColumns = 80;

struct WrapColumns {
  std::size_t first = 0;  ///< where the first line's words begin; what stands before is not written
  std::size_t others = 0;  ///< where the other lines' words begin
};

/// Breaks a paragraph between words; ends with a newline. A word that is longer than a line (a
/// path) stays whole, so that it can be copied.
std::string wrapped(const std::string& paragraph, WrapColumns columns);

}  // namespace npyrace
