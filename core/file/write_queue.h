#pragma once
// Asynchronous writes, many per system call (io_uring).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace npyrace {

/// The order in which queued writes reach the file is unspecified.
class WriteQueue {
 public:
  virtual ~WriteQueue() = default;

  /// Copies `data`. May wait for earlier writes first and report their errors. Throws SystemError.
  virtual void add(std::span<const std::byte> data, std::uint64_t offset_bytes) = 0;

  /// Returns when all added writes have completed. Throws SystemError with the first error, after
  /// all have completed.
  virtual void drain() = 0;
};

/// Uses a registered buffer and file. Throws SystemError of "io_uring_setup" or "io_uring_register"
/// if the kernel does not allow io_uring, or if npyrace was built without liburing.
std::unique_ptr<WriteQueue> make_uring_queue(std::string path, int descriptor);

}  // namespace npyrace
