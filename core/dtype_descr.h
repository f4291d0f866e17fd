#pragma once
// Data types from and to NumPy's `descr`, the form that NPY headers hold.

#include <string>
#include <string_view>

#include "core/dtype.h"
#include "core/python_literal.h"

namespace npyrace {

/// The data type of a descr as NumPy's descr_to_dtype understands it. Throws DtypeError with the
/// offset of the offending node. docs/npy-format.md lists what is refused although NumPy takes it.
Dtype dtype_from_descr(const Literal& descr);

/// What a person types: a type string (`<f8`, `i4,f8`) or a Python literal (`[("a", "<i8")]`).
/// Throws DtypeError.
Dtype dtype_from_text(std::string_view text);

/// The descr NumPy's dtype_to_descr gives; a subarray at top level stays a (base, shape) tuple.
Literal dtype_to_descr(const Dtype& dtype);

/// repr() of the descr, as it stands in a header.
std::string descr_text(const Dtype& dtype);

}  // namespace npyrace
