#pragma once
// (type, shape) pairs: numpy.dtype((base, shape)).

#include "core/dtype.h"
#include "core/python_literal.h"

namespace npyrace {

/// The subarray of `base` with the shape that `shape` says: an int, or a tuple or list of ints.
/// For a base without a size (`S0`, `U0`, `V0`) an int is its size instead. An empty shape, or the
/// int 1, is base itself. Throws DtypeError.
Dtype with_shape(const Dtype& base, const Literal& shape);

}  // namespace npyrace
