#pragma once
// Memory as O_DIRECT wants it.

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

}  // namespace npyrace
