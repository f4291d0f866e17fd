#include "reports/text/wrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <sstream>

#include "core/base/text.h"
#include "core/npy/unicode_printable.h"

namespace npyrace {

namespace {

/// Servers that show the output of a job take lines that begin so for their own commands.
bool begins_command(std::string_view text, std::size_t at) {
  return text.substr(at).starts_with("::") && (at == 0 || text[at - 1] == ' ');
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode_utf8(text, at);
    if (point.valid && is_printable(point.value) && !begins_command(text, at))
      append_utf8(out, point.value);
    else if (point.value <= 0xFF)
      out += fmt::format("\\x{:02x}", std::uint32_t{point.value});
    else
      out += fmt::format("\\u{:04x}", std::uint32_t{point.value});
    at += point.size_bytes;
  }
  return out;
}

std::string printable_lines(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out += printable(text.substr(at, end - at));
    if (end < text.size()) out += '\n';
    at = end + 1;
  }
  return out;
}

std::string wrapped(const std::string& paragraph, WrapColumns columns) {
  std::istringstream words(paragraph);
  std::string text;
  std::size_t column = columns.first;
  bool line_is_empty = true;
  for (std::string word; words >> word;) {
    word = printable(word);
    if (!line_is_empty && column + 1 + word.size() > kTerminalColumns) {
      text += "\n" + std::string(columns.others, ' ');
      column = columns.others;
      line_is_empty = true;
    }
    text += (line_is_empty ? "" : " ") + word;
    column += word.size() + (line_is_empty ? 0 : 1);
    line_is_empty = false;
  }
  return text + "\n";
}

std::string paragraph(const std::string& text) {
  return wrapped(printable(text), {.others = 2});
}

}  // namespace npyrace
