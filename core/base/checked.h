#pragma once
// Arithmetic on sizes with overflow detection.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace npyrace {

using CheckedSize = std::optional<std::uint64_t>;

/// a × b, or nothing when it overflows.
inline CheckedSize checked_multiply(CheckedSize a, CheckedSize b) {
  std::uint64_t product = 0;
  if (!a || !b || __builtin_mul_overflow(*a, *b, &product)) return std::nullopt;
  return product;
}

/// a + b, or nothing when it overflows.
inline CheckedSize checked_add(CheckedSize a, CheckedSize b) {
  std::uint64_t sum = 0;
  if (!a || !b || __builtin_add_overflow(*a, *b, &sum)) return std::nullopt;
  return sum;
}

/// `value` rounded up to a multiple of `unit`, which must be above 0; nothing when it overflows.
inline CheckedSize checked_round_up(CheckedSize value, std::uint64_t unit) {
  const CheckedSize raised = checked_add(value, unit - 1);
  if (!raised) return std::nullopt;
  return *raised / unit * unit;
}

/// Throws the FormatError of as_size.
[[noreturn]] void refuse_size(std::uint64_t value);

/// A part of a file as a size in memory. A program of 32 bits reads larger files than its memory
/// can be: there a value that does not fit is a FormatError, where a cast would cut it.
constexpr std::size_t as_size(std::uint64_t value) {
  if constexpr (sizeof(std::size_t) < sizeof value)
    if (value > std::numeric_limits<std::size_t>::max()) refuse_size(value);
  return static_cast<std::size_t>(value);
}

}  // namespace npyrace
