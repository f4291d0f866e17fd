#include "bench/lab/server/transfer.h"

#include <unistd.h>

#include <cerrno>

namespace npyrace::lab {

ssize_t read_whole(int source, std::span<std::byte> buffer, std::uint64_t offset_bytes) {
  std::size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t part = ::pread(source, buffer.data() + done, buffer.size() - done,
                                 static_cast<off_t>(offset_bytes + done));
    if (part < 0 && errno == EINTR) continue;
    if (part < 0) return -errno;
    if (part == 0) break;
    done += static_cast<std::size_t>(part);
  }
  return static_cast<ssize_t>(done);
}

int write_whole(int target, std::span<const std::byte> bytes, std::uint64_t offset_bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t part = ::pwrite(target, bytes.data() + done, bytes.size() - done,
                                  static_cast<off_t>(offset_bytes + done));
    if (part < 0 && errno == EINTR) continue;
    if (part < 0) return -errno;
    if (part == 0) return -EIO;
    done += static_cast<std::size_t>(part);
  }
  return 0;
}

}  // namespace npyrace::lab
