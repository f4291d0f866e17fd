#pragma once
// Type strings of several items: `i4,f8`, `(2,3)f4`, `3i2`.

#include <string_view>
#include <vector>

#include "core/dtype.h"

namespace npyrace {

/// One item between the commas.
struct CommaItem {
  char order = 0;  ///< '>' or nothing
  std::string_view type;
  std::string_view repeats;  ///< a Python literal: `3`, `(2,3)`; empty: none
};

/// True when numpy.dtype reads the string as such a list rather than as one name.
bool is_comma_string(std::string_view text);

/// Throws DtypeError.
std::vector<CommaItem> split_comma_string(std::string_view text);

}  // namespace npyrace
