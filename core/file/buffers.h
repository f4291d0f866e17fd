#pragma once
// Memory as O_DIRECT wants it.

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

namespace npyrace {

/// O_DIRECT wants offsets, sizes and memory aligned; this covers the block sizes there are.
inline constexpr std::uint64_t kDirectAlignmentBytes = 4096;

class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;
  ~AlignedBuffer() { release(); }

  /// So many bytes, aligned. What a smaller buffer held is lost.
  std::span<std::byte> reserve(std::size_t size_bytes) {
    if (size_bytes > size_bytes_) {
      release();
      memory_ = static_cast<std::byte*>(
          ::operator new (size_bytes, std::align_val_t{kDirectAlignmentBytes}));
      size_bytes_ = size_bytes;
    }
    return {memory_, size_bytes};
  }

 private:
  void release() {
    ::operator delete (memory_, std::align_val_t{kDirectAlignmentBytes});
    memory_ = nullptr;
    size_bytes_ = 0;
  }
  std::byte* memory_ = nullptr;
  std::size_t size_bytes_ = 0;
};

// Many pieces of memory into one stretch of a file.

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
