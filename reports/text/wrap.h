#pragma once
// Escaping and line wrapping of text for terminals.

#include <cstddef>
#include <string>
#include <string_view>

namespace npyrace {

/// Escapes all unprintable characters as Python's repr() does, so that foreign text can neither
/// move the cursor nor end a line; and "::" at the start of a word, so that it is no command for a
/// CI server. Printable text stays as it is.
std::string printable(std::string_view text);

/// As printable, but keeps line ends: for text that consists of lines.
std::string printable_lines(std::string_view text);

// Line wrapping for terminals of 80 columns.

inline constexpr std::size_t kTerminalColumns = 80;

struct WrapColumns {
  /// Column of the first line's text; the indentation itself is not written.
  std::size_t first = 0;
  std::size_t others = 0;  ///< column of the text in other lines
};

/// Wraps a paragraph between words; ends with a newline. A word longer than a line, such as a path,
/// is not split, so that it can be copied. What is unprintable is escaped.
std::string wrapped(const std::string& paragraph, WrapColumns columns);

/// The text for a terminal with control characters escaped; all lines but the first are indented.
std::string paragraph(const std::string& text);

}  // namespace npyrace
