#pragma once
// NumPy's type strings (`<f8`, `(2,3)f4`, `i4,f8`) and (type, shape) pairs.

#include <string>
#include <string_view>
#include <vector>

#include "core/npy/dtype.h"
#include "core/npy/python_literal.h"

namespace npyrace {

/// Returns the subarray of `base` with a shape given as int, tuple or list of ints. For a base
/// without size (`S0`, `U0`, `V0`) an int is its size instead. An empty shape, or the int 1,
/// returns base itself. Throws DtypeError.
Dtype with_shape(const Dtype& base, const Literal& shape);

// Type strings with several items: `i4,f8`, `(2,3)f4`, `3i2`.

/// One item of a comma-separated type string.
struct CommaItem {
  char order = 0;  ///< '>' or 0
  std::string_view type;
  std::string_view repeats;  ///< a Python literal, `3` or `(2,3)`; empty: none
};

/// True if numpy.dtype parses the string as such a list and not as a single name.
bool is_comma_string(std::string_view text);

/// Throws DtypeError.
std::vector<CommaItem> split_comma_string(std::string_view text);

// Complete type strings.

/// Returns the result of numpy.dtype(text). `text` is UTF-8. Throws DtypeError.
Dtype dtype_from_string(std::string_view text);

/// numpy.dtype.str of a scalar: `<f8`, `|S5`, `<M8[25s]`.
std::string scalar_string(const ScalarType& type);

}  // namespace npyrace
