#pragma once
// NPY headers: npyrace::read_header reads one without accessing data, npyrace::encode_header writes
// one as NumPy does, and npyrace::dtype_from_text makes a data type from NumPy's notation.

#include "core/npy/npy_header.h"
