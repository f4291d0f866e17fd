#pragma once
// The File implementation by POSIX and Linux system calls.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/file/file.h"

namespace npyrace {

/// Opens a regular file. Throws SystemError; rejects other file types without blocking on a FIFO.
std::unique_ptr<File> open_posix_file(const std::string& path, const OpenOptions& options);

/// The same for writers of files that npyrace made: a symbolic link at the path is an error,
/// because where others may rename files, it could lead to another file of this user.
std::unique_ptr<File> open_own_file(const std::string& path, const OpenOptions& options);

/// The value of an extended attribute of the file or directory at `path`. Empty if it has none of
/// that name, or its file system has none at all. Throws SystemError.
std::vector<std::byte> attribute_of(const std::string& path, const char* name);

/// Page size of this system.
std::uint64_t page_bytes();

// Limits of O_DIRECT and untorn writes, as reported by statx.

/// RWF_ATOMIC of Linux 6.11, missing from the headers of Debian 12.
inline constexpr int kAtomicWriteFlag = 0x40;

/// Throws SystemError.
DirectLimits direct_limits_of(int descriptor, const std::string& path);

}  // namespace npyrace
