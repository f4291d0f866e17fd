#pragma once
// (type, shape) pairs: numpy.dtype((base, shape)).

#include <string>
#include <string_view>
#include <vector>

#include "core/npy/dtype.h"
#include "core/npy/python_literal.h"

namespace npyrace {

/// The subarray of `base` with the shape that `shape` says: an int, or a tuple or list of ints.
/// For a base without a size (`S0`, `U0`, `V0`) an int is its size instead. An empty shape, or the
/// int 1, is base itself. Throws DtypeError.
Dtype with_shape(const Dtype& base, const Literal& shape);

// Type strings of several items: `i4,f8`, `(2,3)f4`, `3i2`.

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

// NumPy's type strings: `<f8`, `float64`, `M8[25s]`, `(2,3)f4`, `i4,f8`.

/// The data type numpy.dtype(text) makes. `text` is UTF-8. Throws DtypeError.
Dtype dtype_from_string(std::string_view text);

/// numpy.dtype.str of a scalar: `<f8`, `|S5`, `<M8[25s]`.
std::string scalar_string(const ScalarType& type);

}  // namespace npyrace
