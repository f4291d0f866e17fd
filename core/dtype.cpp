#include "core/dtype.h"

#include <algorithm>
#include <utility>

namespace npyrace {
namespace {

/// Shared values are equal when the same, or when what they hold is equal.
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

}  // namespace npyrace
