#include "core/file/stream.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "core/base/error.h"

namespace npyrace {
namespace {

class StdioStream final : public Stream {
 public:
  StdioStream(std::string path, std::FILE* stream) : path_(std::move(path)), stream_(stream) {}
  StdioStream(const StdioStream&) = delete;
  StdioStream& operator=(const StdioStream&) = delete;
  ~StdioStream() override {
    if (stream_ != nullptr) std::fclose(stream_);
  }

  void write_at(std::span<const std::byte> data, std::uint64_t offset_bytes) override {
    if (position_ != offset_bytes &&
        ::fseeko(stream_, static_cast<off_t>(offset_bytes), SEEK_SET) != 0)
      fail("fseeko", offset_bytes);
    position_.reset();  // after an error the position is unknown
    if (std::fwrite(data.data(), 1, data.size(), stream_) != data.size())
      fail("fwrite", offset_bytes);
    position_ = offset_bytes + data.size();
  }

  void flush() override {
    if (std::fflush(stream_) != 0) fail("fflush");
  }

  void close() override {
    if (std::fclose(std::exchange(stream_, nullptr)) != 0) fail("fclose");
  }

 private:
  [[noreturn]] void fail(const char* call, std::optional<std::uint64_t> offset_bytes = {}) const {
    const int error_number = errno;
    throw SystemError({path_, call, offset_bytes}, error_number);
  }

  std::string path_;
  std::FILE* stream_;
  std::optional<std::uint64_t> position_;
};

}  // namespace

std::unique_ptr<Stream> adopt_stdio_stream(const std::string& path, std::FILE* stream,
                                           const char* call) {
  const int error_number = errno;
  if (stream == nullptr) throw SystemError({path, call}, error_number);
  return std::make_unique<StdioStream>(path, stream);
}

std::unique_ptr<Stream> make_stdio_stream(const std::string& path, int descriptor) {
  const int own = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (own < 0) throw SystemError({path, "dup"}, errno);
  std::FILE* stream = ::fdopen(own, "r+");
  if (stream == nullptr) {
    const int error_number = errno;
    ::close(own);
    throw SystemError({path, "fdopen"}, error_number);
  }
  return adopt_stdio_stream(path, stream, "fdopen");
}

}  // namespace npyrace
