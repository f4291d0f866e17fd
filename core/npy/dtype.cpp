#include "core/npy/dtype.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/text.h"
#include "core/npy/dtype_string.h"

namespace npyrace {
namespace {

/// Equal if identical or if the values are equal.
template <typename T>
bool same(const T* a, const T* b) {
  return a == b || (a != nullptr && b != nullptr && *a == *b);
}

}  // namespace

Dtype::Dtype(SubarrayType type) : type_(std::make_shared<const SubarrayType>(std::move(type))) {}

Dtype::Dtype(StructType type) : type_(std::make_shared<const StructType>(std::move(type))) {}

const SubarrayType* Dtype::subarray() const {
  const auto* held = std::get_if<std::shared_ptr<const SubarrayType>>(&type_);
  return held != nullptr ? held->get() : nullptr;
}

const StructType* Dtype::structure() const {
  const auto* held = std::get_if<std::shared_ptr<const StructType>>(&type_);
  return held != nullptr ? held->get() : nullptr;
}

std::uint64_t Dtype::itemsize_bytes() const {
  if (const ScalarType* type = scalar()) return type->item_bytes;
  if (const SubarrayType* type = subarray()) return type->item_bytes;
  return structure()->item_bytes;
}

bool Dtype::has_object() const {
  if (const ScalarType* type = scalar()) return type->kind == ScalarKind::object;
  if (const SubarrayType* type = subarray()) return type->base.has_object();
  const auto is_object = [](const Field& field) { return field.dtype.has_object(); };
  return std::any_of(structure()->fields.begin(), structure()->fields.end(), is_object);
}

bool Dtype::operator==(const Dtype& other) const {
  return same(scalar(), other.scalar()) && same(subarray(), other.subarray()) &&
         same(structure(), other.structure());
}

namespace {

using Kind = Literal::Kind;

[[noreturn]] void fail(const std::string& reason, const Literal& at) {
  throw DtypeError(reason, at.offset_bytes);
}

/// Adds the literal's position to errors that have none.
Dtype string_dtype(const Literal& literal) {
  if (first_invalid_utf8(literal.text)) fail("a type string with a lone surrogate", literal);
  try {
    return dtype_from_string(literal.text);
  } catch (const DtypeError& error) {
    fail(error.what(), literal);
  }
}

/// (base, shape). NumPy ignores further items.
Dtype tuple_dtype(const Literal& tuple) {
  if (tuple.items.size() < 2) fail("a tuple without a base type and a shape", tuple);
  return with_shape(dtype_from_descr(tuple.items[0]), tuple.items[1]);
}

struct FieldName {
  std::string name;
  std::optional<std::string> title;
};

FieldName field_name(const Literal& literal) {
  if (literal.kind == Kind::text) return {literal.text, std::nullopt};
  if (literal.kind != Kind::tuple) fail("a field name that is not a string", literal);
  if (literal.items.size() != 2) fail("a field name that is not a (title, name) pair", literal);
  const Literal& title = literal.items[0];
  const Literal& name = literal.items[1];
  if (name.kind != Kind::text) fail("a field name that is not a string", name);
  if (title.kind == Kind::none) return {name.text, std::nullopt};
  if (title.kind != Kind::text) fail("a field title that is not a string", title);
  return {name.text, title.text};
}

/// Unnamed void bytes; NumPy also treats an unnamed subarray as padding.
bool is_padding(const Literal& name, const Dtype& dtype) {
  if (name.kind != Kind::text || !name.text.empty()) return false;
  return dtype.subarray() != nullptr ||
         (dtype.scalar() != nullptr && dtype.scalar()->kind == ScalarKind::raw);
}

class StructBuilder {
 public:
  void add(const Literal& field) {
    if (field.kind != Kind::tuple && field.kind != Kind::list)
      fail("a field that is not a tuple", field);
    if (field.items.size() != 2 && field.items.size() != 3)
      fail("a field that is not (name, type) or (name, type, shape)", field);
    const Literal& name = field.items[0];
    const Dtype base = dtype_from_descr(field.items[1]);
    const Dtype dtype = field.items.size() == 3 ? with_shape(base, field.items[2]) : base;
    if (!is_padding(name, dtype)) add_named(name, dtype);
    type_.item_bytes += dtype.itemsize_bytes();
    if (type_.item_bytes > kLargestItemBytes) fail("an item of more than 2147483647 bytes", field);
  }

  Dtype finish() { return Dtype(std::move(type_)); }

 private:
  void add_named(const Literal& literal, const Dtype& dtype) {
    FieldName name = field_name(literal);
    reserve(name.name, literal);
    if (name.title) reserve(*name.title, literal);
    type_.fields.push_back({std::move(name.name), std::move(name.title), dtype, type_.item_bytes});
  }

  /// Names and titles share one namespace.
  void reserve(const std::string& name, const Literal& at) {
    if (!taken_.insert(name).second)
      fail(fmt::format("the name {} is used twice", python_repr(Literal::of_text(name))), at);
  }

  StructType type_;
  std::set<std::string> taken_;
};

Literal shape_literal(const std::vector<std::uint64_t>& shape) {
  std::vector<Literal> items;
  for (const std::uint64_t length : shape)
    items.push_back(Literal::of_integer(static_cast<std::int64_t>(length)));
  return Literal::of_items(Kind::tuple, std::move(items));
}

Literal padding_literal(std::uint64_t size_bytes) {
  return Literal::of_items(
      Kind::tuple, {Literal::of_text(""), Literal::of_text(fmt::format("|V{}", size_bytes))});
}

Literal name_literal(const Field& field) {
  Literal name = Literal::of_text(field.name);
  if (!field.title) return name;
  return Literal::of_items(Kind::tuple, {Literal::of_text(*field.title), std::move(name)});
}

/// The shape of a subarray field is written as a third item.
Literal field_literal(const Field& field) {
  const SubarrayType* subarray = field.dtype.subarray();
  if (subarray == nullptr)
    return Literal::of_items(Kind::tuple, {name_literal(field), dtype_to_descr(field.dtype)});
  return Literal::of_items(Kind::tuple, {name_literal(field), dtype_to_descr(subarray->base),
                                         shape_literal(subarray->shape)});
}

Literal struct_literal(const StructType& type) {
  std::vector<Literal> items;
  std::uint64_t offset_bytes = 0;
  for (const Field& field : type.fields) {
    if (field.offset_bytes > offset_bytes)
      items.push_back(padding_literal(field.offset_bytes - offset_bytes));
    items.push_back(field_literal(field));
    offset_bytes = field.offset_bytes + field.dtype.itemsize_bytes();
  }
  if (type.item_bytes > offset_bytes)
    items.push_back(padding_literal(type.item_bytes - offset_bytes));
  return Literal::of_items(Kind::list, std::move(items));
}

bool looks_like_literal(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return false;
  return text[first] == '[' || text[first] == '\'' || text[first] == '"' ||
         (text[first] == '(' && text.find_first_of("'\"[") != std::string_view::npos);
}

}  // namespace

Dtype dtype_from_descr(const Literal& descr) {
  if (descr.kind == Kind::text) return string_dtype(descr);
  if (descr.kind == Kind::tuple) return tuple_dtype(descr);
  if (descr.kind != Kind::list) fail("a data type that is not a string, a list or a tuple", descr);
  StructBuilder builder;
  for (const Literal& field : descr.items) builder.add(field);
  return builder.finish();
}

Dtype dtype_from_text(std::string_view text) {
  if (const auto bad = first_invalid_utf8(text)) throw DtypeError("not UTF-8", *bad);
  if (!looks_like_literal(text)) return dtype_from_string(text);
  try {
    return dtype_from_descr(parse_literal(text));
  } catch (const LiteralError& error) {
    throw DtypeError(error.what(), error.offset_bytes());
  }
}

Literal dtype_to_descr(const Dtype& dtype) {
  if (const ScalarType* type = dtype.scalar()) return Literal::of_text(scalar_string(*type));
  if (const StructType* type = dtype.structure()) return struct_literal(*type);
  const SubarrayType& type = *dtype.subarray();
  return Literal::of_items(Kind::tuple, {dtype_to_descr(type.base), shape_literal(type.shape)});
}

std::string descr_text(const Dtype& dtype) {
  return python_repr(dtype_to_descr(dtype));
}

}  // namespace npyrace
