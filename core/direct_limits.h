#pragma once
// What a file system says of O_DIRECT and of untorn writes, as statx tells it.

#include <string>

#include "core/file.h"

namespace npyrace {

/// RWF_ATOMIC of Linux 6.11, which the C library of Debian 12 does not know yet.
inline constexpr int kAtomicWriteFlag = 0x40;

/// Throws SystemError.
DirectLimits direct_limits_of(int descriptor, const std::string& path);

}  // namespace npyrace
