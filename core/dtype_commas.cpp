#include "core/dtype_commas.h"

#include <fmt/format.h>

#include <cstddef>

#include "core/utf8.h"

namespace npyrace {
namespace {

constexpr std::string_view kOrders = "<>|=";
constexpr std::string_view kDigits = "0123456789";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool has(std::string_view set, char c) {
  return set.find(c) != std::string_view::npos;
}

/// What `\s` of Python's regular expressions matches.
bool is_unicode_space(char32_t c) {
  return (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  std::vector<CommaItem> split() {
    std::vector<CommaItem> items;
    while (at_ < text_.size()) {
      items.push_back(item());
      separator();
    }
    return items;
  }

 private:
  [[noreturn]] void fail() const {
    throw DtypeError(fmt::format("not a type string: '{}'", text_));
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip(std::string_view set) {
    while (at_ < text_.size() && has(set, text_[at_])) ++at_;
  }

  CommaItem item() {
    const char first_order = order();
    CommaItem item;
    item.repeats = repeats();
    item.order = combined(first_order, order());
    item.type = type();
    return item;
  }

  char order() { return peek() != '\0' && has(kOrders, peek()) ? text_[at_++] : '\0'; }

  /// Both signs may stand, if they agree. Only big-endian differs from native.
  char combined(char first, char second) const {
    const auto native = [](char sign) { return sign == '=' ? '<' : sign; };
    if (first != '\0' && second != '\0' && native(first) != native(second)) fail();
    const char sign = second == '\0' || first != '\0' ? first : second;
    return sign == '>' ? '>' : '\0';
  }

  std::string_view repeats() {
    const std::size_t start = at_;
    skip(" ");
    if (peek() == '(') ++at_;
    skip(" ,0123456789");
    if (peek() == ')') ++at_;
    skip(" ");
    return text_.substr(start, at_ - start);
  }

  std::string_view type() {
    const std::size_t start = at_;
    while (is_letter_or_digit(peek()) || peek() == '.' || peek() == '?') ++at_;
    at_ += bracket_bytes();
    return text_.substr(start, at_ - start);
  }

  /// Bytes of the `[25s]` that begins here, or 0.
  std::size_t bracket_bytes() const {
    if (peek() != '[') return 0;
    std::size_t end = at_ + 1;
    while (end < text_.size() && (is_letter_or_digit(text_[end]) || has(",.", text_[end]))) ++end;
    const bool closed = end > at_ + 1 && end < text_.size() && text_[end] == ']';
    return closed ? end + 1 - at_ : 0;
  }

  void skip_unicode_spaces() {
    while (at_ < text_.size()) {
      const CodePoint point = decode_utf8(text_, at_);
      if (!is_unicode_space(point.value)) return;
      at_ += point.size_bytes;
    }
  }

  void separator() {
    if (at_ >= text_.size()) return;
    skip_unicode_spaces();
    if (at_ >= text_.size()) return;
    if (peek() != ',') fail();
    ++at_;
    skip_unicode_spaces();
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

bool is_comma_string(std::string_view text) {
  const std::string_view after_order =
      text.substr(text.size() > 1 && has(kOrders, text[0]) ? 1 : 0);
  if (!after_order.empty() && has(kDigits, after_order[0])) return true;
  if (after_order.substr(0, 2) == "()") return true;
  int brackets = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == ',' && brackets == 0) return true;
    if (text[i] == '[') ++brackets;
    if (text[i] == ']') --brackets;
  }
  return false;
}

std::vector<CommaItem> split_comma_string(std::string_view text) {
  return Splitter(text).split();
}

}  // namespace npyrace
