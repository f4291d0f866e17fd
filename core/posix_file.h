#pragma once
// File by POSIX system calls.

#include <memory>
#include <string>

#include "core/file.h"

namespace npyrace {

/// Opens a regular file. Throws SystemError; anything but a regular file is refused without
/// waiting for it (a FIFO cannot hang us).
std::unique_ptr<File> open_posix_file(const std::string& path, const OpenOptions& options);

/// Bytes in a memory page of this system.
std::uint64_t page_bytes();

}  // namespace npyrace
