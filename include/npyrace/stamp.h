#pragma once
// npyrace::Stamper: the content of a record that tells its array, its place and its generation.
// ArrayMap::stamper returns the one that fits an array.

#include "core/array/stamp.h"
