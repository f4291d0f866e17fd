#include "core/file/write_queue.h"

#include <cerrno>

#include "core/base/error.h"

namespace npyrace {
namespace {

/// Errors by which a system says that it has no rings, or no more of them for us.
constexpr auto kNoRing = {EPERM, EACCES, ENOSYS, ENOMEM, EOPNOTSUPP};

}  // namespace
}  // namespace npyrace

#ifdef NPYRACE_HAVE_URING

#include <liburing.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "core/file/buffers.h"

namespace npyrace {
namespace {

/// Maximum number of writes per system call, and size of the registered buffer: small enough for
/// the usual limit of locked memory.
constexpr unsigned kDepth = 256;
constexpr std::size_t kBufferBytes = 256 << 10;

struct Request {
  std::size_t place_bytes = 0;  ///< in the buffer
  std::size_t size_bytes = 0;
  std::uint64_t offset_bytes = 0;
};

class UringQueue final : public WriteQueue {
 public:
  UringQueue(std::string path, int descriptor)
      : path_(std::move(path)), buffer_(memory_.reserve(kBufferBytes)) {
    if (const int failed = ::io_uring_queue_init(kDepth, &ring_, 0); failed < 0)
      throw SystemError({path_, "io_uring_setup"}, -failed, kNoRing);
    const iovec vector{buffer_.data(), buffer_.size()};
    int failed = ::io_uring_register_buffers(&ring_, &vector, 1);
    if (failed >= 0) failed = ::io_uring_register_files(&ring_, &descriptor, 1);
    if (failed >= 0) return;
    ::io_uring_queue_exit(&ring_);
    throw SystemError({path_, "io_uring_register"}, -failed, kNoRing);
  }
  UringQueue(const UringQueue&) = delete;
  UringQueue& operator=(const UringQueue&) = delete;
  /// The kernel destroys a ring asynchronously; the file must not stay open until then.
  ~UringQueue() override {
    ::io_uring_unregister_files(&ring_);
    ::io_uring_queue_exit(&ring_);
  }

  void add(std::span<const std::byte> data, std::uint64_t offset_bytes) override {
    while (!data.empty()) {
      if (requests_.size() == kDepth || used_bytes_ == buffer_.size()) drain();
      const std::size_t part = std::min(data.size(), buffer_.size() - used_bytes_);
      std::memcpy(buffer_.data() + used_bytes_, data.data(), part);
      requests_.push_back({used_bytes_, part, offset_bytes});
      used_bytes_ += part;
      offset_bytes += part;
      data = data.subspan(part);
    }
  }

  void drain() override {
    for (std::size_t i = 0; i < requests_.size(); ++i) prepare(i);
    while (under_way_ > 0) {
      const int entered = ::io_uring_submit_and_wait(&ring_, under_way_);
      if (entered < 0 && entered != -EINTR && entered != -EAGAIN && entered != -EBUSY)
        throw SystemError({path_, "io_uring_enter"}, -entered);
      reap();
    }
    requests_.clear();
    used_bytes_ = 0;
    if (error_number_ != 0)
      throw SystemError({path_, "io_uring write", error_offset_bytes_},
                        std::exchange(error_number_, 0), {EOPNOTSUPP});
  }

 private:
  /// There are as many submission entries as requests.
  void prepare(std::size_t index) {
    const Request& request = requests_[index];
    io_uring_sqe* entry = ::io_uring_get_sqe(&ring_);
    ::io_uring_prep_write_fixed(entry, 0, buffer_.data() + request.place_bytes,
                                static_cast<unsigned>(request.size_bytes), request.offset_bytes, 0);
    entry->flags |= IOSQE_FIXED_FILE;
    entry->user_data = index;
    ++under_way_;
  }

  void reap() {
    io_uring_cqe* completion = nullptr;
    while (::io_uring_peek_cqe(&ring_, &completion) == 0) {
      const auto index = static_cast<std::size_t>(completion->user_data);
      const int result = completion->res;
      ::io_uring_cqe_seen(&ring_, completion);
      --under_way_;
      settle(index, result);
    }
  }

  /// Resubmits short and interrupted writes; other results are errors.
  void settle(std::size_t index, int result) {
    Request& request = requests_[index];
    const bool again = result == -EINTR || result == -EAGAIN;
    if (result == 0 || (result < 0 && !again)) {
      if (error_number_ != 0) return;
      error_number_ = result == 0 ? EIO : -result;
      error_offset_bytes_ = request.offset_bytes;
      return;
    }
    const auto done = static_cast<std::size_t>(std::max(result, 0));
    request.place_bytes += done;
    request.offset_bytes += done;
    request.size_bytes -= done;
    if (request.size_bytes > 0) prepare(index);
  }

  std::string path_;
  AlignedBuffer memory_;
  std::span<std::byte> buffer_;
  io_uring ring_{};
  std::vector<Request> requests_;
  std::size_t used_bytes_ = 0;
  unsigned under_way_ = 0;
  int error_number_ = 0;  ///< of the first failed write since the last drain
  std::uint64_t error_offset_bytes_ = 0;
};

}  // namespace

std::unique_ptr<WriteQueue> make_uring_queue(std::string path, int descriptor) {
  return std::make_unique<UringQueue>(std::move(path), descriptor);
}

}  // namespace npyrace

#else

namespace npyrace {

std::unique_ptr<WriteQueue> make_uring_queue(std::string path, int) {
  throw SystemError({path, "io_uring_setup: npyrace was built without liburing"}, ENOSYS, kNoRing);
}

}  // namespace npyrace

#endif
