#pragma once
// Memory-mapped arrays: npyrace::open_memmap and npyrace::create_memmap, which are NumPy's
// open_memmap for C++, and npyrace::open_window, which maps a part of an array.

#include "core/npy/memmap.h"
