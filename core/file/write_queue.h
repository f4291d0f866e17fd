#pragma once
// Writes that are handed to the kernel many at a time (io_uring).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace npyrace {

/// In which order the writes of a queue reach the file is not said.
class WriteQueue {
 public:
  virtual ~WriteQueue() = default;

  /// Takes a copy of `data`. May wait for earlier writes first, and tell of their errors. Throws
  /// SystemError.
  virtual void add(std::span<const std::byte> data, std::uint64_t offset_bytes) = 0;

  /// Returns when all that was added is written. Throws SystemError with the first error, when
  /// nothing is under way any more.
  virtual void drain() = 0;
};

/// With a registered buffer and the file registered. Throws SystemError: of "io_uring_setup" or
/// "io_uring_register" where the kernel does not grant it, or npyrace was built without liburing.
std::unique_ptr<WriteQueue> make_uring_queue(std::string path, int descriptor);

}  // namespace npyrace
