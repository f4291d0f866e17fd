#pragma once
// The unit in brackets of `M8[25s]`.

#include <optional>
#include <string_view>

#include "core/dtype.h"

namespace npyrace {

/// Reads what follows `M8`: nothing, or `[25s]`, or `[s/1000]`, which is the same as `[ms]`.
/// Nothing comes back for generic units. Throws DtypeError.
std::optional<DatetimeUnit> parse_datetime_unit(std::string_view text);

}  // namespace npyrace
