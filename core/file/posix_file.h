#pragma once
// File by POSIX system calls.

#include <memory>
#include <string>

#include "core/file/file.h"

namespace npyrace {

/// Opens a regular file. Throws SystemError; anything but a regular file is refused without
/// waiting for it (a FIFO cannot hang us).
std::unique_ptr<File> open_posix_file(const std::string& path, const OpenOptions& options);

/// Bytes in a memory page of this system.
std::uint64_t page_bytes();

// What a file system says of O_DIRECT and of untorn writes, as statx tells it.

/// RWF_ATOMIC of Linux 6.11, which the C library of Debian 12 does not know yet.
inline constexpr int kAtomicWriteFlag = 0x40;

/// Throws SystemError.
DirectLimits direct_limits_of(int descriptor, const std::string& path);

}  // namespace npyrace
