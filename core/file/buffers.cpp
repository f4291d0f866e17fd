#include "core/file/buffers.h"

#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <vector>

#include "core/base/error.h"

namespace npyrace {
namespace {

/// Linux transfers at most that many bytes per call; larger requests are shortened.
std::vector<iovec> vectors_of(std::span<const std::span<const std::byte>> parts) {
  std::vector<iovec> vectors;
  vectors.reserve(parts.size());
  for (const auto& part : parts)
    if (!part.empty()) vectors.push_back({const_cast<std::byte*>(part.data()), part.size()});
  return vectors;
}

/// Removes the written bytes from the front.
void advance(std::span<iovec>& left, std::size_t bytes) {
  while (bytes > 0 && bytes >= left.front().iov_len) {
    bytes -= left.front().iov_len;
    left = left.subspan(1);
  }
  if (bytes == 0) return;
  left.front().iov_base = static_cast<std::byte*>(left.front().iov_base) + bytes;
  left.front().iov_len -= bytes;
}

}  // namespace

std::uint64_t gather_write(int descriptor, std::span<const std::span<const std::byte>> parts,
                           std::uint64_t offset_bytes, GatherCall call) {
  std::vector<iovec> vectors = vectors_of(parts);
  for (std::span<iovec> left(vectors); !left.empty();) {
    const int count = static_cast<int>(std::min<std::size_t>(left.size(), IOV_MAX));
    const auto moved = uninterrupted([&] {
      return call(descriptor, left.data(), count, static_cast<std::int64_t>(offset_bytes));
    });
    if (moved == 0) errno = EIO;  // avoids an endless loop
    if (moved <= 0) return offset_bytes;
    advance(left, static_cast<std::size_t>(moved));
    offset_bytes += static_cast<std::uint64_t>(moved);
  }
  return kAllWritten;
}

std::uint64_t gather_write(int descriptor, std::span<const std::span<const std::byte>> parts,
                           std::uint64_t offset_bytes) {
  return gather_write(descriptor, parts, offset_bytes,
                      [](int file, const iovec* vectors, int count, std::int64_t at) {
                        return static_cast<std::ptrdiff_t>(::pwritev(file, vectors, count, at));
                      });
}

}  // namespace npyrace
