#include "reports/printable.h"

#include <fmt/format.h>

#include <cstdint>

#include "core/unicode_printable.h"
#include "core/utf8.h"

namespace npyrace {

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode_utf8(text, at);
    if (point.valid && is_printable(point.value))
      append_utf8(out, point.value);
    else if (point.value <= 0xFF)
      out += fmt::format("\\x{:02x}", std::uint32_t{point.value});
    else
      out += fmt::format("\\u{:04x}", std::uint32_t{point.value});
    at += point.size_bytes;
  }
  return out;
}

}  // namespace npyrace
