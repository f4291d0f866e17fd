#pragma once
// NumPy's type strings: `<f8`, `float64`, `M8[25s]`, `(2,3)f4`, `i4,f8`.

#include <string>
#include <string_view>

#include "core/dtype.h"

namespace npyrace {

/// The data type numpy.dtype(text) makes. `text` is UTF-8. Throws DtypeError.
Dtype dtype_from_string(std::string_view text);

/// numpy.dtype.str of a scalar: `<f8`, `|S5`, `<M8[25s]`.
std::string scalar_string(const ScalarType& type);

}  // namespace npyrace
