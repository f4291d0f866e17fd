#pragma once
// Reads and writes of the server on the store: whole, or with an errno.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace npyrace::lab {

/// Bytes read (fewer only at the end of the file), or -errno.
ssize_t read_whole(int source, std::span<std::byte> buffer, std::uint64_t offset_bytes);

/// 0, or -errno.
int write_whole(int target, std::span<const std::byte> bytes, std::uint64_t offset_bytes);

}  // namespace npyrace::lab
