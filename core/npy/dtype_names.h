#pragma once
// The names numpy.dtype knows beside kind-and-size strings: `float64`, `int`, `d`.

#include <optional>
#include <string_view>

#include "core/npy/dtype.h"

namespace npyrace {

/// The type of a name (numpy.sctypeDict on a 64-bit little-endian machine), in native byte order.
std::optional<ScalarType> scalar_of_name(std::string_view name);

/// The type of a one-character code: a letter, or NumPy's own type number as a character.
std::optional<ScalarType> scalar_of_character(char code);

/// The type of a kind letter and a size in bytes: `f` and 8.
std::optional<ScalarType> scalar_of_kind(char kind, std::uint64_t item_bytes);

// The unit in brackets of `M8[25s]`.

/// Reads what follows `M8`: nothing, or `[25s]`, or `[s/1000]`, which is the same as `[ms]`.
/// Nothing comes back for generic units. Throws DtypeError.
std::optional<DatetimeUnit> parse_datetime_unit(std::string_view text);

}  // namespace npyrace
