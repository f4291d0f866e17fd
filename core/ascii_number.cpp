#include "core/ascii_number.h"

#include <limits>

namespace npyrace {
namespace {

constexpr std::string_view kBlanks = " \t\n\v\f\r";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

AsciiNumber leading_number(std::string_view text) {
  std::size_t at = text.find_first_not_of(kBlanks);
  if (at == std::string_view::npos) return {};
  const bool negative = text[at] == '-';
  if (negative || text[at] == '+') ++at;
  const std::size_t first_digit = at;
  std::int64_t value = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    if (__builtin_mul_overflow(value, std::int64_t{10}, &value) ||
        __builtin_add_overflow(value, std::int64_t{text[at] - '0'}, &value))
      value = std::numeric_limits<std::int64_t>::max();
  }
  if (at == first_digit) return {};
  return {negative ? -value : value, at};
}

}  // namespace npyrace
