#include "core/dtype_string.h"

#include <fmt/format.h>

#include <utility>

#include "core/ascii_number.h"
#include "core/checked.h"
#include "core/dtype_commas.h"
#include "core/dtype_datetime.h"
#include "core/dtype_names.h"
#include "core/dtype_shape.h"

namespace npyrace {
namespace {

constexpr std::uint64_t kBytesPerCharacter = 4;

[[noreturn]] void fail(std::string_view text) {
  throw DtypeError(fmt::format("not a data type: '{}'", text));
}

ScalarType in_order(ScalarType type, char order) {
  if (type.order != ByteOrder::none && order == '>') type.order = ByteOrder::big;
  return type;
}

/// `S5`, `U5`, `V7`, `a10`: the size is part of the string, and any size will do.
std::optional<ScalarType> flexible(char kind, std::int64_t size) {
  if (kind != 'S' && kind != 'a' && kind != 'U' && kind != 'V') return std::nullopt;
  const std::uint64_t unit_bytes = kind == 'U' ? kBytesPerCharacter : 1;
  if (size < 0 || static_cast<std::uint64_t>(size) > kLargestItemBytes / unit_bytes)
    throw DtypeError(fmt::format("an item size of {} is not possible", size));
  ScalarType type = *scalar_of_character(kind);
  type.item_bytes = static_cast<std::uint64_t>(size) * unit_bytes;
  return type;
}

/// `f8`: one letter and a number, and nothing after it.
std::optional<ScalarType> kind_and_size(std::string_view text) {
  const AsciiNumber size = leading_number(text.substr(1));
  if (size.size_bytes == 0 || size.size_bytes + 1 != text.size()) return std::nullopt;
  if (const auto type = flexible(text[0], size.value)) return type;
  if (size.value <= 0) return std::nullopt;
  return scalar_of_kind(text[0], static_cast<std::uint64_t>(size.value));
}

/// The text after `M8`, `m8`, `datetime64` or `timedelta64`, or nothing for other types.
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
  if (text.empty()) fail(text);
  const bool has_order = std::string_view("<>=|").find(text[0]) != std::string_view::npos;
  const std::string_view type = text.substr(has_order ? 1 : 0);
  if (type.empty()) fail(text);
  if (const auto parts = datetime_parts(type)) {
    const ScalarType scalar{parts->first, ByteOrder::little, 8, parse_datetime_unit(parts->second)};
    return in_order(scalar, text[0]);
  }
  const auto scalar = type.size() == 1 ? scalar_of_character(type[0]) : kind_and_size(type);
  if (scalar) return in_order(*scalar, text[0]);
  const auto named = scalar_of_name(text);
  if (!named) fail(text);
  return *named;
}

/// The type of an item may have repeats of its own, `(2,3)9f4`. One that is no shorter than the
/// whole, `[a,b]`, would never end.
Dtype comma_item(const CommaItem& item, std::string_view text) {
  const std::string type = (item.order != '\0' ? ">" : "") + std::string(item.type);
  if (type.size() >= text.size() && is_comma_string(type)) fail(text);
  const Dtype base = dtype_from_string(type);
  if (item.repeats.empty()) return base;
  try {
    return with_shape(base, parse_literal(item.repeats));
  } catch (const LiteralError&) {
    fail(text);
  }
}

/// NumPy drops an empty last item, as it comes from `i4,<`.
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
