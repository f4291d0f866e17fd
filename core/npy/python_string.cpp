#include "core/npy/python_string.h"

#include <fmt/format.h>

#include <iterator>

#include "core/base/text.h"
#include "core/npy/python_literal.h"
#include "core/npy/unicode_printable.h"

namespace npyrace {
namespace {

bool is_quote(char c) {
  return c == '\'' || c == '"';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Reads one token, from its opening to its closing quotes.
class StringReader {
 public:
  StringReader(std::string_view source, std::size_t at, const StringPrefix& prefix)
      : source_(source), start_(at), at_(at + prefix.size_bytes), prefix_(prefix) {
    quote_ = source_[at_];
    triple_ = at_quotes(3);
    at_ += triple_ ? 3 : 1;
  }

  StringToken read() {
    while (!at_end_of_token()) read_character();
    return {std::move(text_), at_ + (triple_ ? 3 : 1)};
  }

 private:
  [[noreturn]] void fail(const char* reason, std::size_t at) const {
    throw LiteralError(reason, at);
  }

  bool at_quotes(std::size_t count) const {
    if (source_.size() - at_ < count) return false;
    return source_.substr(at_, count) == std::string(count, quote_);
  }

  bool at_end_of_token() const {
    if (at_ >= source_.size()) fail("a string that never ends", start_);
    return at_quotes(triple_ ? 3 : 1);
  }

  void read_character() {
    if (source_[at_] == '\\') return prefix_.raw ? read_raw_backslash() : read_escape();
    if (source_[at_] == '\n' || source_[at_] == '\r') return read_newline();
    if (prefix_.bytes && static_cast<unsigned char>(source_[at_]) >= 0x80)
      fail("bytes literals hold ASCII only", at_);
    text_.push_back(source_[at_++]);
  }

  void read_newline() {
    if (!triple_) fail("a string that never ends", start_);
    skip_newline();
    text_.push_back('\n');
  }

  /// Python converts "\r\n" and "\r" to "\n" before tokenizing.
  void skip_newline() {
    const bool carriage_return = source_[at_++] == '\r';
    if (carriage_return && at_ < source_.size() && source_[at_] == '\n') ++at_;
  }

  /// In a raw string the backslash is kept, and so is a quote after it.
  void read_raw_backslash() {
    text_.push_back(source_[at_++]);
    if (at_ >= source_.size()) fail("a string that never ends", start_);
    const bool newline = source_[at_] == '\n' || source_[at_] == '\r';
    if (!newline) return text_.push_back(source_[at_++]);
    skip_newline();
    text_.push_back('\n');
  }

  void read_escape() {
    const std::size_t escape = at_++;
    if (at_ >= source_.size()) fail("a string that never ends", start_);
    const char letter = source_[at_];
    if (letter == '\n' || letter == '\r') return skip_newline();
    if (letter >= '0' && letter <= '7') return append_octal();
    ++at_;
    if (letter == 'x') return append_hexadecimal(2, escape);
    if (!prefix_.bytes && letter == 'u') return append_hexadecimal(4, escape);
    if (!prefix_.bytes && letter == 'U') return append_hexadecimal(8, escape);
    if (!prefix_.bytes && letter == 'N') fail("\\N{…} escapes are not supported", escape);
    append_simple(letter);
  }

  /// Unknown escapes are kept, including the backslash.
  void append_simple(char letter) {
    constexpr std::string_view kLetters = "\\'\"abfnrtv";
    constexpr std::string_view kMeanings = "\\'\"\a\b\f\n\r\t\v";
    const std::size_t which = kLetters.find(letter);
    if (which == std::string_view::npos) {
      text_.push_back('\\');
      --at_;  // the character may have several bytes: it is read like any other
      if (source_[at_] == quote_) return;
      return read_character();
    }
    text_.push_back(kMeanings[which]);
  }

  void append_octal() {
    char32_t value = 0;
    for (int count = 0; count < 3 && at_ < source_.size(); ++count) {
      if (source_[at_] < '0' || source_[at_] > '7') break;
      value = value * 8 + static_cast<char32_t>(source_[at_++] - '0');
    }
    append_utf8(text_, value);
  }

  void append_hexadecimal(std::size_t digits, std::size_t escape) {
    char32_t value = 0;
    for (std::size_t count = 0; count < digits; ++count) {
      const unsigned digit = at_ < source_.size() ? digit_value(source_[at_++]) : 99;
      if (digit >= 16) fail("an escape with too few hexadecimal digits", escape);
      value = value * 16 + digit;
    }
    if (value > 0x10FFFF) fail("an escape beyond the last Unicode character", escape);
    append_utf8(text_, value);
  }

  std::string_view source_;
  std::size_t start_;
  std::size_t at_;
  StringPrefix prefix_;
  char quote_ = '\'';
  bool triple_ = false;
  std::string text_;
};

void append_escaped(std::string& out, char32_t value) {
  if (value <= 0xFF)
    return void(fmt::format_to(std::back_inserter(out), "\\x{:02x}", std::uint32_t{value}));
  if (value <= 0xFFFF)
    return void(fmt::format_to(std::back_inserter(out), "\\u{:04x}", std::uint32_t{value}));
  fmt::format_to(std::back_inserter(out), "\\U{:08x}", std::uint32_t{value});
}

void append_repr(std::string& out, char32_t value, char quote) {
  if (value == U'\n') return void(out += "\\n");
  if (value == U'\r') return void(out += "\\r");
  if (value == U'\t') return void(out += "\\t");
  if (value == static_cast<char32_t>(quote) || value == U'\\') out += '\\';
  if (!is_printable(value)) return append_escaped(out, value);
  append_utf8(out, value);
}

}  // namespace

std::optional<StringPrefix> string_prefix(std::string_view source, std::size_t at) {
  std::string letters;
  for (std::size_t i = at; i < source.size() && letters.size() < 3; ++i) {
    if (!is_quote(source[i])) {
      letters.push_back(lower(source[i]));
      continue;
    }
    if (letters.empty() || letters == "u") return StringPrefix{letters.size()};
    if (letters == "r") return StringPrefix{1, true, false};
    if (letters == "b") return StringPrefix{1, false, true};
    if (letters == "br" || letters == "rb") return StringPrefix{2, true, true};
    return std::nullopt;
  }
  return std::nullopt;
}

StringToken read_string_token(std::string_view source, std::size_t at, const StringPrefix& prefix) {
  return StringReader(source, at, prefix).read();
}

std::string python_repr(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const bool has_double = text.find('"') != std::string_view::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  std::string out(1, quote);
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode_utf8(text, at, true);
    append_repr(out, point.value, quote);
    at += point.size_bytes;
  }
  out += quote;
  return out;
}

}  // namespace npyrace
