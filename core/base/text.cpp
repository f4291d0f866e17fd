#include "core/base/text.h"

#include <algorithm>
#include <limits>

namespace npyrace {
namespace {

constexpr char32_t kLargestCodePoint = 0x10FFFF;

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

bool is_surrogate(char32_t value) {
  return value >= 0xD800 && value <= 0xDFFF;
}

/// Length of a UTF-8 sequence with this first byte, or 0 if invalid.
std::size_t sequence_bytes(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

/// The smallest value with that many bytes; smaller ones are overlong encodings.
char32_t smallest_of(std::size_t size_bytes) {
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  return kSmallest[size_bytes];
}

}  // namespace

void append_utf8(std::string& text, char32_t code_point) {
  const auto put = [&text](char32_t bits) { text.push_back(static_cast<char>(bits)); };
  const auto put_tail = [&put](char32_t bits) { put(0x80 | (bits & 0x3F)); };
  if (code_point < 0x80) return put(code_point);
  if (code_point < 0x800) {
    put(0xC0 | (code_point >> 6));
    return put_tail(code_point);
  }
  if (code_point < 0x10000) {
    put(0xE0 | (code_point >> 12));
    put_tail(code_point >> 6);
    return put_tail(code_point);
  }
  put(0xF0 | (code_point >> 18));
  put_tail(code_point >> 12);
  put_tail(code_point >> 6);
  put_tail(code_point);
}

CodePoint decode_utf8(std::string_view text, std::size_t at, bool surrogates_allowed) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t size_bytes = sequence_bytes(first);
  const CodePoint broken{first, 1, false};
  if (size_bytes == 0 || size_bytes > text.size() - at) return broken;
  char32_t value = size_bytes == 1 ? first : first & (0xFFu >> (size_bytes + 1));
  for (std::size_t i = 1; i < size_bytes; ++i) {
    if (!is_continuation(text[at + i])) return broken;
    value = value << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3F);
  }
  if (value < smallest_of(size_bytes) || value > kLargestCodePoint) return broken;
  if (is_surrogate(value) && !surrogates_allowed) return broken;
  return {value, size_bytes, true};
}

std::optional<std::size_t> first_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode_utf8(text, at);
    if (!point.valid) return at;
    at += point.size_bytes;
  }
  return std::nullopt;
}

std::string with_valid_utf8(std::string_view text) {
  std::string out;
  while (const auto bad = first_invalid_utf8(text)) {
    out += text.substr(0, *bad);
    append_utf8(out, U'\uFFFD');
    text.remove_prefix(*bad + 1);
  }
  return out.append(text);
}

std::size_t count_code_points(std::string_view text) {
  const auto begins = [](char byte) { return !is_continuation(byte); };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins));
}

std::string latin1_to_utf8(std::string_view text) {
  std::string converted;
  converted.reserve(text.size());
  for (const char byte : text) append_utf8(converted, static_cast<unsigned char>(byte));
  return converted;
}

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

std::string_view trimmed(std::string_view line) {
  constexpr const char* kSpace = " \t\r";
  const std::size_t first = line.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return "";
  return line.substr(first, line.find_last_not_of(kSpace) - first + 1);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

unsigned digit_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return 99;
}

}  // namespace npyrace
