#pragma once
// Memory aligned for O_DIRECT, and vectored writes of many buffers.

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

namespace npyrace {

/// O_DIRECT requires aligned offsets, sizes and memory; this covers all common block sizes.
inline constexpr std::uint64_t kDirectAlignmentBytes = 4096;

class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;
  ~AlignedBuffer() { release(); }

  /// Returns that many aligned bytes. Content is lost when the buffer grows.
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

// Vectored writes.

inline constexpr std::uint64_t kAllWritten = ~std::uint64_t{0};

/// Writes all of `parts` contiguously by pwritev, at most IOV_MAX per call; continues after short
/// writes. Returns kAllWritten, or the offset of the failed call with errno set.
std::uint64_t gather_write(int descriptor, std::span<const std::span<const std::byte>> parts,
                           std::uint64_t offset_bytes);

/// Replacement of pwritev for tests.
using GatherCall = std::ptrdiff_t (*)(int descriptor, const iovec* vectors, int count,
                                      std::int64_t offset_bytes);
std::uint64_t gather_write(int descriptor, std::span<const std::span<const std::byte>> parts,
                           std::uint64_t offset_bytes, GatherCall call);

}  // namespace npyrace
