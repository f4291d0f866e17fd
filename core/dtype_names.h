#pragma once
// The names numpy.dtype knows beside kind-and-size strings: `float64`, `int`, `d`.

#include <optional>
#include <string_view>

#include "core/dtype.h"

namespace npyrace {

/// The type of a name (numpy.sctypeDict on a 64-bit little-endian machine), in native byte order.
std::optional<ScalarType> scalar_of_name(std::string_view name);

/// The type of a one-character code: a letter, or NumPy's own type number as a character.
std::optional<ScalarType> scalar_of_character(char code);

/// The type of a kind letter and a size in bytes: `f` and 8.
std::optional<ScalarType> scalar_of_kind(char kind, std::uint64_t item_bytes);

}  // namespace npyrace
