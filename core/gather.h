#pragma once
// Many pieces of memory into one stretch of a file.

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace npyrace {

inline constexpr std::uint64_t kAllWritten = ~std::uint64_t{0};

/// Writes all of `parts`, one behind the other, by pwritev: at most IOV_MAX of them a call, and on
/// after a short write. Returns kAllWritten, or the offset of the call that failed, errno set.
std::uint64_t gather_write(int descriptor, std::span<const std::span<const std::byte>> parts,
                           std::uint64_t offset_bytes);

/// A call through which `gather_write` can be tested: as pwritev.
using GatherCall = std::ptrdiff_t (*)(int descriptor, const iovec* vectors, int count,
                                      std::int64_t offset_bytes);
std::uint64_t gather_write(int descriptor, std::span<const std::span<const std::byte>> parts,
                           std::uint64_t offset_bytes, GatherCall call);

}  // namespace npyrace
