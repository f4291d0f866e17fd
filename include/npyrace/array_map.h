#pragma once
// npyrace::ArrayMap: the file offset and the writer of every record of a shared array, for each
// layout and ownership that `npyrace list` names.

#include "core/array/array_map.h"
