#pragma once
// A file as C's stdio sees it: with a buffer in between, and a place where it stands.

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
  /// fseeko, unless the stream stands there, and fwrite. Throws SystemError; an error of the file
  /// may show in a later call.
  virtual void write_at(std::span<const std::byte> data, std::uint64_t offset_bytes) = 0;
  /// fflush: the kernel has everything. Throws SystemError.
  virtual void flush() = 0;
  /// fclose. Throws SystemError. The destructor closes silently.
  virtual void close() = 0;
};

/// On a descriptor of its own (dup), as fopen(path, "r+") would open it. Throws SystemError.
std::unique_ptr<Stream> make_stdio_stream(const std::string& path, int descriptor);
/// Takes the stream over; null is an error of `call`, as errno says.
std::unique_ptr<Stream> adopt_stdio_stream(const std::string& path, std::FILE* stream,
                                           const char* call);

}  // namespace npyrace
