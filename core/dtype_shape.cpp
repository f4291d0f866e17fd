#include "core/dtype_shape.h"

#include <algorithm>
#include <limits>

#include "core/checked.h"

namespace npyrace {
namespace {

using Kind = Literal::Kind;

[[noreturn]] void fail(const char* reason, const Literal& at) {
  throw DtypeError(reason, at.offset_bytes);
}

/// A number of elements. Booleans are none here.
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

/// Any zero makes it zero, however large the rest.
std::uint64_t product_bytes(const Dtype& base, const std::vector<std::uint64_t>& shape,
                            const Literal& at) {
  if (std::find(shape.begin(), shape.end(), 0u) != shape.end()) return 0;
  CheckedSize elements = 1;
  for (const std::uint64_t length : shape) elements = checked_multiply(elements, length);
  const CheckedSize bytes = checked_multiply(elements, base.itemsize_bytes());
  if (!bytes || *elements > kLargestItemBytes || *bytes > kLargestItemBytes)
    fail("a subarray of more than 2147483647 bytes", at);
  return *bytes;
}

/// What NumPy calls unsized: zero bytes and no fields, which may still get a size.
bool is_unsized(const Dtype& base) {
  return base.itemsize_bytes() == 0 && base.structure() == nullptr;
}

Dtype sized(const Dtype& base, const Literal& size) {
  if (base.scalar() == nullptr || size.kind != Kind::integer)
    fail("a shape on a data type without a size", size);
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

}  // namespace npyrace
