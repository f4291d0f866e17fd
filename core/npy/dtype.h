#pragma once
// NumPy data types as values (scalar, subarray, or structure of named fields), and their conversion
// from and to the `descr` of NPY headers.

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

/// Kind letters of NumPy's type strings.
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

/// Byte order characters of NumPy's type strings. Single-byte types have none.
enum class ByteOrder : char { little = '<', big = '>', none = '|' };

/// `[25s]` in `<M8[25s]`. NumPy's limits: 0 ≤ multiple ≤ 2³¹−1.
struct DatetimeUnit {
  std::int32_t multiple = 1;
  std::string unit;  ///< Y M W D h m s ms us ns ps fs as

  bool operator==(const DatetimeUnit&) const = default;
};

struct ScalarType {
  ScalarKind kind = ScalarKind::floating;
  ByteOrder order = ByteOrder::little;
  std::uint64_t item_bytes = 8;  ///< for kind text: four times the number of characters
  std::optional<DatetimeUnit> unit = std::nullopt;  ///< for datetime and timedelta; none: generic

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

  /// Bytes of one item; at most 2³¹−1, as in NumPy.
  std::uint64_t itemsize_bytes() const;

  /// True if any part is a Python object: such data are pickled.
  bool has_object() const;

  /// Exactly one of the following three is not null.
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
  std::vector<Field> fields;  ///< in order of offsets, never overlapping
  std::uint64_t item_bytes = 0;

  bool operator==(const StructType&) const = default;
};

/// Largest item size in NumPy 1.
inline constexpr std::uint64_t kLargestItemBytes = 0x7fffffff;

/// Largest number of subarray dimensions in NumPy 1.
inline constexpr std::size_t kLargestSubarrayDimensions = 32;

/// Not a valid NumPy data type. what() gives the reason; offset_bytes() is the position of the
/// error in the literal text, if it came from one.
class DtypeError : public std::runtime_error {
 public:
  explicit DtypeError(const std::string& reason, std::size_t offset_bytes = 0)
      : std::runtime_error(without_nul(reason)), offset_bytes_(offset_bytes) {}

  std::size_t offset_bytes() const { return offset_bytes_; }

 private:
  std::size_t offset_bytes_;
};

// Conversion from and to NumPy's `descr`.

/// Converts a descr as NumPy's descr_to_dtype does. Throws DtypeError with the offset of the
/// invalid node. docs/npy-format.md lists what is rejected although NumPy accepts it.
Dtype dtype_from_descr(const Literal& descr);

/// Parses user input: a type string (`<f8`, `i4,f8`) or a Python literal (`[("a", "<i8")]`). Throws
/// DtypeError.
Dtype dtype_from_text(std::string_view text);

/// Returns the descr of NumPy's dtype_to_descr; a top-level subarray stays a (base, shape) tuple.
Literal dtype_to_descr(const Dtype& dtype);

/// repr() of the descr, as in a header.
std::string descr_text(const Dtype& dtype);

}  // namespace npyrace
