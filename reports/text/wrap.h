#pragma once
// Foreign text on a terminal.

#include <cstddef>
#include <string>
#include <string_view>

namespace npyrace {

/// `text` with everything but printable characters escaped as Python's repr() does it, so that no
/// name can move the cursor or end a line.
std::string printable(std::string_view text);

// Text for terminals of 80 columns.

inline constexpr std::size_t kTerminalColumns = 80;

struct WrapColumns {
  std::size_t first = 0;  ///< where the first line's words begin; what stands before is not written
  std::size_t others = 0;  ///< where the other lines' words begin
};

/// Breaks a paragraph between words; ends with a newline. A word that is longer than a line (a
/// path) stays whole, so that it can be copied.
std::string wrapped(const std::string& paragraph, WrapColumns columns);

/// Lines of a terminal, without anything that a terminal would obey; all but the first indented.
std::string paragraph(const std::string& text);

}  // namespace npyrace
