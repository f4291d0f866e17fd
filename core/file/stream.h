#pragma once
// A file accessed through C stdio, with its buffer and file position.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>

namespace npyrace {

class Stream {
 public:
  virtual ~Stream() = default;
  /// fseeko, unless the stream is already there, and fwrite. Throws SystemError; a write error may
  /// be reported by a later call.
  virtual void write_at(std::span<const std::byte> data, std::uint64_t offset_bytes) = 0;
  /// fflush: passes all buffered data to the kernel. Throws SystemError.
  virtual void flush() = 0;
  /// fclose. Throws SystemError. The destructor ignores errors.
  virtual void close() = 0;
};

/// Creates a stream on a duplicate of `descriptor`, equivalent to fopen(path, "r+"). Throws
/// SystemError.
std::unique_ptr<Stream> make_stdio_stream(const std::string& path, int descriptor);
/// Takes ownership of the stream; null is reported as an error of `call` with errno.
std::unique_ptr<Stream> adopt_stdio_stream(const std::string& path, std::FILE* stream,
                                           const char* call);

}  // namespace npyrace
