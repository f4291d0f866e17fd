#pragma once
// Names that numpy.dtype accepts besides type strings (`float64`, `int`, `d`), and datetime units.

#include <optional>
#include <string_view>

#include "core/npy/dtype.h"

namespace npyrace {

/// Looks up a name (numpy.sctypeDict on a 64-bit little-endian machine); the result has native byte
/// order.
std::optional<ScalarType> scalar_of_name(std::string_view name);

/// Looks up a one-character code: a letter, or NumPy's type number as a character.
std::optional<ScalarType> scalar_of_character(char code);

/// Looks up a kind letter and a size in bytes: `f` and 8.
std::optional<ScalarType> scalar_of_kind(char kind, std::uint64_t item_bytes);

// Units in brackets, as in `M8[25s]`.

/// Parses the part after `M8`: empty, `[25s]`, or `[s/1000]`, which equals `[ms]`. Returns nothing
/// for generic units. Throws DtypeError.
std::optional<DatetimeUnit> parse_datetime_unit(std::string_view text);

}  // namespace npyrace
