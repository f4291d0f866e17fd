#include "core/npy/dtype_string.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "core/base/checked.h"
#include "core/base/text.h"
#include "core/npy/dtype_names.h"

namespace npyrace {
namespace {

using Kind = Literal::Kind;

[[noreturn]] void fail(const char* reason, const Literal& at) {
  throw DtypeError(reason, at.offset_bytes);
}

/// A number of elements; booleans are not accepted.
std::uint64_t dimension(const Literal& literal) {
  if (literal.kind != Kind::integer) fail("a subarray dimension that is not an integer", literal);
  if (!literal.integer || *literal.integer < 0 ||
      static_cast<std::uint64_t>(*literal.integer) > kLargestItemBytes)
    fail("a subarray dimension outside 0…2147483647", literal);
  return static_cast<std::uint64_t>(*literal.integer);
}

std::vector<std::uint64_t> dimensions(const Literal& shape) {
  if (shape.kind == Kind::integer) return {dimension(shape)};
  if (shape.kind != Kind::tuple && shape.kind != Kind::list)
    fail("a subarray shape that is not an integer or a tuple of them", shape);
  if (shape.kind == Kind::list && shape.items.empty()) fail("an empty list as a shape", shape);
  if (shape.items.size() > kLargestSubarrayDimensions)
    fail("a subarray of more than 32 dimensions", shape);
  std::vector<std::uint64_t> result;
  for (const Literal& item : shape.items) result.push_back(dimension(item));
  return result;
}

/// Zero if a dimension is zero, whatever those after it are; those before it must not overflow 63
/// bits.
std::uint64_t product_bytes(const Dtype& base, const std::vector<std::uint64_t>& shape,
                            const Literal& at) {
  CheckedSize elements = 1;
  for (const std::uint64_t length : shape) {
    if (length == 0) return 0;
    elements = checked_multiply(elements, length);
    if (!elements || !std::in_range<std::int64_t>(*elements)) break;
  }
  const CheckedSize bytes = checked_multiply(elements, base.itemsize_bytes());
  if (!bytes || *elements > kLargestItemBytes || *bytes > kLargestItemBytes)
    fail("a subarray of more than 2147483647 bytes", at);
  return *bytes;
}

/// Unsized in NumPy's sense: zero bytes and no fields; such types may still get a size.
bool is_unsized(const Dtype& base) {
  return base.itemsize_bytes() == 0 && base.structure() == nullptr;
}

Dtype sized(const Dtype& base, const Literal& size) {
  if (size.kind != Kind::integer) fail("a shape on a data type without a size", size);
  if (base.scalar() == nullptr) {
    // NumPy gives a subarray of no elements that size, and then cannot save its type.
    if (dimension(size) != 0) fail("a size for a subarray of no elements", size);
    return base;
  }
  ScalarType type = *base.scalar();
  const std::uint64_t unit_bytes = type.kind == ScalarKind::text ? 4 : 1;
  const std::uint64_t count = dimension(size);
  if (count > kLargestItemBytes / unit_bytes) fail("an item of more than 2147483647 bytes", size);
  type.item_bytes = count * unit_bytes;
  return type;
}

}  // namespace

Dtype with_shape(const Dtype& base, const Literal& shape) {
  if (is_unsized(base)) return sized(base, shape);
  SubarrayType type{base, dimensions(shape), 0};
  if (type.shape.empty() && shape.kind == Kind::tuple) return base;
  if (shape.kind == Kind::integer && type.shape[0] == 1) return base;
  type.item_bytes = product_bytes(base, type.shape, shape);
  return Dtype(std::move(type));
}

namespace {

constexpr std::string_view kOrders = "<>|=";
constexpr std::string_view kDigits = "0123456789";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool has(std::string_view set, char c) {
  return set.find(c) != std::string_view::npos;
}

/// Characters matched by `\s` in Python's regular expressions.
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

  /// Both byte order characters may be given if they agree. Only big-endian differs from native.
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

  /// Length of the `[25s]` that begins here, or 0.
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

namespace {

constexpr std::uint64_t kBytesPerCharacter = 4;

[[noreturn]] void fail_type(std::string_view text) {
  throw DtypeError(fmt::format("not a data type: '{}'", text));
}

ScalarType in_order(ScalarType type, char order) {
  if (type.order != ByteOrder::none && order == '>') type.order = ByteOrder::big;
  return type;
}

/// `S5`, `U5`, `V7`, `a10`: types with an arbitrary size in the string.
std::optional<ScalarType> flexible(char kind, std::int64_t size) {
  if (kind != 'S' && kind != 'a' && kind != 'U' && kind != 'V') return std::nullopt;
  const std::uint64_t unit_bytes = kind == 'U' ? kBytesPerCharacter : 1;
  if (size < 0 || static_cast<std::uint64_t>(size) > kLargestItemBytes / unit_bytes)
    throw DtypeError(fmt::format("an item size of {} is not possible", size));
  ScalarType type = *scalar_of_character(kind);
  type.item_bytes = static_cast<std::uint64_t>(size) * unit_bytes;
  return type;
}

/// `f8`: one letter and a number, nothing else.
std::optional<ScalarType> kind_and_size(std::string_view text) {
  const AsciiNumber size = leading_number(text.substr(1));
  if (size.size_bytes == 0 || size.size_bytes + 1 != text.size()) return std::nullopt;
  if (const auto type = flexible(text[0], size.value)) return type;
  if (size.value <= 0) return std::nullopt;
  return scalar_of_kind(text[0], static_cast<std::uint64_t>(size.value));
}

/// The text after `M8`, `m8`, `datetime64` or `timedelta64`; nothing for other types.
std::optional<std::pair<ScalarKind, std::string_view>> datetime_parts(std::string_view text) {
  const std::pair<std::string_view, ScalarKind> kStems[] = {{"M8", ScalarKind::datetime},
                                                            {"m8", ScalarKind::timedelta},
                                                            {"datetime64", ScalarKind::datetime},
                                                            {"timedelta64", ScalarKind::timedelta}};
  for (const auto& [stem, kind] : kStems)
    if (text.starts_with(stem)) return std::pair{kind, text.substr(stem.size())};
  return std::nullopt;
}

Dtype single_type(std::string_view text) {
  if (text.empty()) fail_type(text);
  const bool has_order = std::string_view("<>=|").find(text[0]) != std::string_view::npos;
  const std::string_view type = text.substr(has_order ? 1 : 0);
  if (type.empty()) fail_type(text);
  if (const auto parts = datetime_parts(type)) {
    const ScalarType scalar{parts->first, ByteOrder::little, 8, parse_datetime_unit(parts->second)};
    return in_order(scalar, text[0]);
  }
  const auto scalar = type.size() == 1 ? scalar_of_character(type[0]) : kind_and_size(type);
  if (scalar) return in_order(*scalar, text[0]);
  const auto named = scalar_of_name(text);
  if (!named) fail_type(text);
  return *named;
}

/// An item's type may contain repeats, `(2,3)9f4`. Rejects one that is not shorter than the whole,
/// `[a,b]`, because the recursion would not end.
Dtype comma_item(const CommaItem& item, std::string_view text) {
  const std::string type = (item.order != '\0' ? ">" : "") + std::string(item.type);
  if (type.size() >= text.size() && is_comma_string(type)) fail_type(text);
  const Dtype base = dtype_from_string(type);
  if (item.repeats.empty()) return base;
  try {
    return with_shape(base, parse_literal(item.repeats));
  } catch (const LiteralError&) {
    fail_type(text);
  }
}

/// NumPy drops an empty last item, as in `i4,<`.
bool is_empty(const CommaItem& item) {
  return item.order == '\0' && item.type.empty() && item.repeats.empty();
}

Dtype struct_of(const std::vector<CommaItem>& items, std::string_view text) {
  StructType type;
  for (const CommaItem& item : items) {
    const Dtype dtype = comma_item(item, text);
    const std::string name = fmt::format("f{}", type.fields.size());
    type.fields.push_back({name, std::nullopt, dtype, type.item_bytes});
    type.item_bytes += dtype.itemsize_bytes();
    if (type.item_bytes > kLargestItemBytes)
      throw DtypeError("an item of more than 2147483647 bytes");
  }
  return Dtype(std::move(type));
}

}  // namespace

Dtype dtype_from_string(std::string_view text) {
  if (!is_comma_string(text)) return single_type(text);
  std::vector<CommaItem> items = split_comma_string(text);
  if (items.size() == 1) return comma_item(items[0], text);
  if (is_empty(items.back())) items.pop_back();
  return struct_of(items, text);
}

std::string scalar_string(const ScalarType& type) {
  const char order = static_cast<char>(type.order);
  const char kind = static_cast<char>(type.kind);
  if (type.kind == ScalarKind::object) return "|O";
  const std::uint64_t unit_bytes = type.kind == ScalarKind::text ? kBytesPerCharacter : 1;
  const std::string base = fmt::format("{}{}{}", order, kind, type.item_bytes / unit_bytes);
  if (!type.unit) return base;
  if (type.unit->multiple == 1) return fmt::format("{}[{}]", base, type.unit->unit);
  return fmt::format("{}[{}{}]", base, type.unit->multiple, type.unit->unit);
}

}  // namespace npyrace
