#pragma once
// A NumPy data type as a value: a scalar, a fixed-shape subarray, or a structure of named fields.
// Built by dtype_from_text or dtype_from_descr (core/dtype_descr.h).

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/error.h"
#include "core/npy/python_literal.h"

namespace npyrace {

/// The letters of NumPy's type strings.
enum class ScalarKind : char {
  boolean = 'b',
  signed_integer = 'i',
  unsigned_integer = 'u',
  floating = 'f',
  complex = 'c',
  timedelta = 'm',
  datetime = 'M',
  object = 'O',
  bytes = 'S',
  text = 'U',
  raw = 'V',
};

/// The signs of NumPy's type strings. Types of single bytes have none.
enum class ByteOrder : char { little = '<', big = '>', none = '|' };

/// `[25s]` of `<M8[25s]`. NumPy's own limits: 0 ≤ multiple ≤ 2³¹−1.
struct DatetimeUnit {
  std::int32_t multiple = 1;
  std::string unit;  ///< Y M W D h m s ms us ns ps fs as

  bool operator==(const DatetimeUnit&) const = default;
};

struct ScalarType {
  ScalarKind kind = ScalarKind::floating;
  ByteOrder order = ByteOrder::little;
  std::uint64_t item_bytes = 8;                     ///< of kind text: four times the characters
  std::optional<DatetimeUnit> unit = std::nullopt;  ///< of datetime and timedelta; none: generic

  bool operator==(const ScalarType&) const = default;
};

struct SubarrayType;
struct StructType;

class Dtype {
 public:
  /// float64, as NumPy's default.
  Dtype() = default;
  Dtype(ScalarType type) : type_(std::move(type)) {}
  Dtype(SubarrayType type);
  Dtype(StructType type);

  /// Bytes of one item; never more than 2³¹−1, as in NumPy.
  std::uint64_t itemsize_bytes() const;

  /// True when any part is a Python object: such data are pickles, not bytes.
  bool has_object() const;

  /// Exactly one of the three is not null.
  const ScalarType* scalar() const { return std::get_if<ScalarType>(&type_); }
  const SubarrayType* subarray() const;
  const StructType* structure() const;

  bool operator==(const Dtype& other) const;

 private:
  std::variant<ScalarType, std::shared_ptr<const SubarrayType>, std::shared_ptr<const StructType>>
      type_;
};

struct SubarrayType {
  Dtype base;
  std::vector<std::uint64_t> shape;
  std::uint64_t item_bytes = 0;  ///< of the whole subarray

  bool operator==(const SubarrayType&) const = default;
};

struct Field {
  std::string name;
  std::optional<std::string> title = std::nullopt;
  Dtype dtype;
  std::uint64_t offset_bytes = 0;

  bool operator==(const Field&) const = default;
};

struct StructType {
  std::vector<Field> fields;  ///< in the order of their offsets, never overlapping
  std::uint64_t item_bytes = 0;

  bool operator==(const StructType&) const = default;
};

/// The largest item NumPy 1 can describe.
inline constexpr std::uint64_t kLargestItemBytes = 0x7fffffff;

/// NumPy 1 allows no more dimensions in a subarray.
inline constexpr std::size_t kLargestSubarrayDimensions = 32;

/// Nothing NumPy would take as a data type. what() says why; offset_bytes() is where in the literal
/// text the trouble is, when it came from one.
class DtypeError : public std::runtime_error {
 public:
  explicit DtypeError(const std::string& reason, std::size_t offset_bytes = 0)
      : std::runtime_error(without_nul(reason)), offset_bytes_(offset_bytes) {}

  std::size_t offset_bytes() const { return offset_bytes_; }

 private:
  std::size_t offset_bytes_;
};

// Data types from and to NumPy's `descr`, the form that NPY headers hold.

/// The data type of a descr as NumPy's descr_to_dtype understands it. Throws DtypeError with the
/// offset of the offending node. docs/npy-format.md lists what is refused although NumPy takes it.
Dtype dtype_from_descr(const Literal& descr);

/// What a person types: a type string (`<f8`, `i4,f8`) or a Python literal (`[("a", "<i8")]`).
/// Throws DtypeError.
Dtype dtype_from_text(std::string_view text);

/// The descr NumPy's dtype_to_descr gives; a subarray at top level stays a (base, shape) tuple.
Literal dtype_to_descr(const Dtype& dtype);

/// repr() of the descr, as it stands in a header.
std::string descr_text(const Dtype& dtype);

}  // namespace npyrace
