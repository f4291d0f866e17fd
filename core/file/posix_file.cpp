#include "core/file/posix_file.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <linux/stat.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "core/base/checked.h"
#include "core/base/error.h"
#include "core/file/buffers.h"

namespace npyrace {
namespace {

using Offset = std::optional<std::uint64_t>;

[[noreturn]] void fail(const std::string& path, const char* call, Offset offset_bytes = {},
                       std::initializer_list<int> unsupported = {}) {
  const int error_number = errno;
  throw SystemError({path, call, offset_bytes}, error_number, unsupported);
}

[[noreturn]] void fail_with(int error_number, const std::string& path, const char* call) {
  errno = error_number;
  fail(path, call);
}

/// Maximum size of one read or write call on Linux.
constexpr std::size_t kLargestTransferBytes = 0x7ffff000;

/// Repeats a transfer (pread, pwrite) until it is complete, at end of file, or failed. The only
/// loop over partial transfers. Returns the transferred bytes, or -1 with errno set.
template <typename Transfer>
std::int64_t transfer_all(std::uint64_t size_bytes, Transfer transfer) {
  std::uint64_t done_bytes = 0;
  while (done_bytes < size_bytes) {
    const auto part = uninterrupted([&] {
      return transfer(done_bytes,
                      std::min<std::uint64_t>(size_bytes - done_bytes, kLargestTransferBytes));
    });
    if (part < 0) return -1;
    if (part == 0) break;
    done_bytes += static_cast<std::uint64_t>(part);
  }
  return static_cast<std::int64_t>(done_bytes);
}

class PosixMapping final : public Mapping {
 public:
  PosixMapping(std::string path, int descriptor, const MapRequest& request)
      : path_(std::move(path)) {
    const std::uint64_t lead_bytes = request.offset_bytes % page_bytes();
    const CheckedSize whole_bytes = checked_add(request.size_bytes, lead_bytes);
    if (!whole_bytes || *whole_bytes > std::numeric_limits<std::size_t>::max())
      fail_with(ENOMEM, path_, "mmap");
    size_bytes_ = as_size(*whole_bytes);
    lead_bytes_ = as_size(lead_bytes);
    const int protection = request.writable ? PROT_READ | PROT_WRITE : PROT_READ;
    const int flags = (request.sharing == Sharing::shared ? MAP_SHARED : MAP_PRIVATE) |
                      (request.populate ? MAP_POPULATE : 0);
    memory_ = ::mmap(nullptr, size_bytes_, protection, flags, descriptor,
                     static_cast<off_t>(request.offset_bytes - lead_bytes));
    if (memory_ == MAP_FAILED)
      fail(path_, "mmap", request.offset_bytes, {ENODEV, ENOSYS, EOPNOTSUPP});
  }
  PosixMapping(const PosixMapping&) = delete;
  PosixMapping& operator=(const PosixMapping&) = delete;
  ~PosixMapping() override {
    if (memory_ != MAP_FAILED) ::munmap(memory_, size_bytes_);
  }

  std::span<std::byte> bytes() override {
    return {static_cast<std::byte*>(memory_) + lead_bytes_, size_bytes_ - lead_bytes_};
  }

  void sync() override {
    if (uninterrupted([&] { return ::msync(memory_, size_bytes_, MS_SYNC); }) != 0)
      fail(path_, "msync");
  }

  void sync_range(std::uint64_t offset_bytes, std::uint64_t size_bytes) override {
    const std::uint64_t first = (lead_bytes_ + offset_bytes) / page_bytes() * page_bytes();
    const std::uint64_t end = lead_bytes_ + offset_bytes + size_bytes;
    auto* const from = static_cast<std::byte*>(memory_) + first;
    const auto length = as_size(end - first);
    if (uninterrupted([&] { return ::msync(from, length, MS_SYNC); }) != 0)
      fail(path_, "msync", first);
  }

  void unmap() override {
    if (::munmap(std::exchange(memory_, MAP_FAILED), size_bytes_) != 0) fail(path_, "munmap");
  }

 private:
  std::string path_;
  void* memory_ = MAP_FAILED;
  std::size_t size_bytes_ = 0;
  std::size_t lead_bytes_ = 0;
};

class PosixFile final : public File {
 public:
  PosixFile(std::string path, int descriptor, bool direct)
      : path_(std::move(path)), descriptor_(descriptor), direct_(direct) {}
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;
  ~PosixFile() override {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  std::size_t read_at(std::span<std::byte> buffer, std::uint64_t offset_bytes) override {
    const auto moved =
        transfer_all(buffer.size(), [&](std::uint64_t done, std::uint64_t part) -> ssize_t {
          // A direct read that ends within a block has reached the end of the file. It must not
          // continue there: if the file has grown since, pread would fail with EINVAL.
          if (direct_ && done % kDirectAlignmentBytes != 0) return 0;
          return ::pread(descriptor_, buffer.data() + done, as_size(part),
                         static_cast<off_t>(offset_bytes + done));
        });
    if (moved < 0) fail(path_, "pread", offset_bytes);
    return static_cast<std::size_t>(moved);
  }

  void write_at(std::span<const std::byte> data, std::uint64_t offset_bytes) override {
    // EBADF: with a write-back cache the kernel first reads the page, and the file system does not
    // permit reads through a handle opened for writing (GlusterFS, kernel-writeback-cache).
    write_all("pwrite", {EBADF}, data, offset_bytes,
              [this](const std::byte* from, std::size_t part, off_t at) {
                return ::pwrite(descriptor_, from, part, at);
              });
  }

  void write_at_synced(std::span<const std::byte> data, std::uint64_t offset_bytes) override {
    write_all("pwritev2", {EOPNOTSUPP, ENOSYS, EPERM}, data, offset_bytes,
              [this](const std::byte* from, std::size_t part, off_t at) {
                const iovec vector{const_cast<std::byte*>(from), part};
                return ::pwritev2(descriptor_, &vector, 1, at, RWF_DSYNC);
              });
  }

  void write_gathered(std::span<const std::span<const std::byte>> parts,
                      std::uint64_t offset_bytes) override {
    const std::uint64_t failed_at = gather_write(descriptor_, parts, offset_bytes);
    if (failed_at != kAllWritten) fail(path_, "pwritev", failed_at);
  }

  // In a single call: a second call would not be covered by the atomicity of the first.
  void write_at_atomically(std::span<const std::byte> data, std::uint64_t offset_bytes) override {
    const iovec vector{const_cast<std::byte*>(data.data()), data.size()};
    const auto moved = uninterrupted([&] {
      return ::pwritev2(descriptor_, &vector, 1, static_cast<off_t>(offset_bytes),
                        kAtomicWriteFlag);
    });
    if (moved >= 0 && static_cast<std::size_t>(moved) == data.size()) return;
    if (moved >= 0) errno = EIO;
    fail(path_, "pwritev2 RWF_ATOMIC", offset_bytes, {EOPNOTSUPP, ENOSYS, EINVAL, EPERM});
  }

  std::unique_ptr<WriteQueue> write_queue() override {
    return make_uring_queue(path_, descriptor_);
  }

  std::unique_ptr<Stream> stream() override { return make_stdio_stream(path_, descriptor_); }

  DirectLimits direct_limits() override { return direct_limits_of(descriptor_, path_); }

  void copy_from(File& source, std::uint64_t from_bytes, std::uint64_t offset_bytes,
                 std::uint64_t size_bytes) override {
    const int from = dynamic_cast<PosixFile&>(source).descriptor_;
    auto in = static_cast<off64_t>(from_bytes);
    auto out = static_cast<off64_t>(offset_bytes);
    const auto moved = transfer_all(size_bytes, [&](std::uint64_t, std::uint64_t part) {
      return ::copy_file_range(from, &in, descriptor_, &out, as_size(part), 0);
    });
    if (moved < 0)
      fail(path_, "copy_file_range", offset_bytes, {EXDEV, EOPNOTSUPP, ENOSYS, EINVAL, EPERM});
    if (static_cast<std::uint64_t>(moved) < size_bytes) fail_with(EIO, path_, "copy_file_range");
  }

  std::unique_ptr<Mapping> map(const MapRequest& request) override {
    return std::make_unique<PosixMapping>(path_, descriptor_, request);
  }

  void lock(std::uint64_t offset_bytes, std::uint64_t size_bytes) override {
    set_lock(F_WRLCK, offset_bytes, size_bytes);
  }

  bool try_lock(std::uint64_t offset_bytes, std::uint64_t size_bytes) override {
    struct flock range = lock_range(F_WRLCK, offset_bytes, size_bytes);
    if (::fcntl(descriptor_, F_OFD_SETLK, &range) == 0) return true;
    if (errno == EAGAIN || errno == EACCES) return false;
    fail(path_, "fcntl F_OFD_SETLK", offset_bytes);
  }

  void unlock(std::uint64_t offset_bytes, std::uint64_t size_bytes) override {
    set_lock(F_UNLCK, offset_bytes, size_bytes);
  }

  void sync() override {
    if (uninterrupted([&] { return ::fsync(descriptor_); }) != 0) fail(path_, "fsync");
  }

  std::uint64_t size_bytes() override {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) fail(path_, "fstat");
    return static_cast<std::uint64_t>(status.st_size);
  }

  void allocate(std::uint64_t size_bytes) override {
    if (size_bytes > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max()))
      fail_with(EFBIG, path_, "fallocate");
    const auto length = static_cast<off_t>(size_bytes);
    if (uninterrupted([&] { return ::fallocate(descriptor_, 0, 0, length); }) == 0) return;
    if (errno != EOPNOTSUPP && !is_missing_call(errno)) fail(path_, "fallocate");
    write_zeros(size_bytes);
  }

  void drop_cache(std::uint64_t offset_bytes, std::uint64_t size_bytes) override {
    const int error_number = ::posix_fadvise(descriptor_, static_cast<off_t>(offset_bytes),
                                             static_cast<off_t>(size_bytes), POSIX_FADV_DONTNEED);
    if (error_number != 0) fail_with(error_number, path_, "posix_fadvise");
  }

  std::optional<std::uint64_t> next_data(std::uint64_t offset_bytes) override {
    const off_t found = ::lseek(descriptor_, static_cast<off_t>(offset_bytes), SEEK_DATA);
    if (found >= 0) return static_cast<std::uint64_t>(found);
    return errno == ENXIO ? std::optional(kNoData) : std::nullopt;
  }

  // Uses mincore on a separate mapping, which accesses no page and so caches none.
  std::optional<std::uint64_t> cached_bytes() override {
    constexpr std::uint64_t kPartBytes = 64 << 20;  // a file may exceed the address space
    const std::uint64_t file_bytes = size_bytes();
    std::vector<unsigned char> present(as_size(kPartBytes / page_bytes()));
    std::uint64_t cached_pages = 0;
    for (std::uint64_t done = 0; done < file_bytes; done += kPartBytes) {
      const std::size_t length = as_size(std::min(kPartBytes, file_bytes - done));
      void* const pages =
          ::mmap(nullptr, length, PROT_READ, MAP_SHARED, descriptor_, static_cast<off_t>(done));
      if (pages == MAP_FAILED) return std::nullopt;
      std::ranges::fill(present, 0);
      const int failed = ::mincore(pages, length, present.data());
      ::munmap(pages, length);
      if (failed != 0) return std::nullopt;
      cached_pages += static_cast<std::uint64_t>(
          std::ranges::count_if(present, [](unsigned char page) { return page & 1; }));
    }
    return cached_pages * page_bytes();
  }

  void close() override {
    if (::close(std::exchange(descriptor_, -1)) != 0) fail(path_, "close");
  }

  const std::string& path() const override { return path_; }

 private:
  template <typename Write>
  void write_all(const char* call, std::initializer_list<int> unsupported,
                 std::span<const std::byte> data, std::uint64_t offset_bytes, Write write) {
    const auto moved = transfer_all(data.size(), [&](std::uint64_t done, std::uint64_t part) {
      return write(data.data() + done, as_size(part), static_cast<off_t>(offset_bytes + done));
    });
    if (moved < 0) fail(path_, call, offset_bytes, unsupported);
    if (static_cast<std::size_t>(moved) < data.size()) fail_with(EIO, path_, call);
  }

  static struct flock lock_range(short type, std::uint64_t offset_bytes, std::uint64_t size_bytes) {
    struct flock range {};
    range.l_type = type;
    range.l_whence = SEEK_SET;
    range.l_start = static_cast<off_t>(offset_bytes);
    range.l_len = static_cast<off_t>(size_bytes);
    return range;
  }

  void set_lock(short type, std::uint64_t offset_bytes, std::uint64_t size_bytes) {
    struct flock range = lock_range(type, offset_bytes, size_bytes);
    if (uninterrupted([&] { return ::fcntl(descriptor_, F_OFD_SETLKW, &range); }) != 0)
      fail(path_, "fcntl F_OFD_SETLKW", offset_bytes);
  }

  /// For file systems without fallocate (NFS 3, many FUSE ones).
  void write_zeros(std::uint64_t size_bytes) {
    const std::vector<std::byte> zeros(1 << 20);
    for (std::uint64_t done = 0; done < size_bytes; done += zeros.size()) {
      const auto part = std::min<std::uint64_t>(zeros.size(), size_bytes - done);
      write_at(std::span(zeros).first(as_size(part)), done);
    }
  }

  std::string path_;
  int descriptor_;
  bool direct_;
};

int open_flags(const OpenOptions& options) {
  int flags = O_CLOEXEC;
  flags |= options.access == Access::read    ? O_RDONLY
           : options.access == Access::write ? O_WRONLY
                                             : O_RDWR;
  if (options.create_new) flags |= O_CREAT | O_EXCL;
  if (options.start_anew) flags |= O_CREAT | O_TRUNC;
  if (options.start_anew || !options.follow_link) flags |= O_NOFOLLOW;
  if (options.direct) flags |= O_DIRECT;
  if (options.data_sync) flags |= O_DSYNC;
  if (options.full_sync) flags |= O_SYNC;
  return flags;
}

/// Checked before open, which would block on a FIFO. O_NONBLOCK would avoid that, but fails for a
/// regular file with a lease, as held by NFS servers.
void require_regular(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) fail(path, "open");
  if (S_ISDIR(status.st_mode)) fail_with(EISDIR, path, "open");
  if (!S_ISREG(status.st_mode)) throw FormatError(path + ": not a regular file");
}

}  // namespace

std::unique_ptr<File> open_posix_file(const std::string& path, const OpenOptions& options) {
  if (!options.create_new && !options.start_anew) require_regular(path);
  const int descriptor = ::open(path.c_str(), open_flags(options), 0666);
  if (descriptor < 0) fail(path, "open", {}, {EINVAL});  // O_DIRECT
  return std::make_unique<PosixFile>(path, descriptor, options.direct);
}

std::unique_ptr<File> open_own_file(const std::string& path, const OpenOptions& options) {
  OpenOptions without_link = options;
  without_link.follow_link = false;
  return open_posix_file(path, without_link);
}

std::vector<std::byte> attribute_of(const std::string& path, const char* name) {
  std::vector<std::byte> value(XATTR_SIZE_MAX);
  const ssize_t size_bytes = ::getxattr(path.c_str(), name, value.data(), value.size());
  if (size_bytes < 0) {
    if (errno == ENODATA || errno == EOPNOTSUPP) return {};
    fail(path, "getxattr");
  }
  value.resize(static_cast<std::size_t>(size_bytes));
  return value;
}

std::uint64_t page_bytes() {
  return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

namespace {

// struct statx as of Linux 6.11 (include/uapi/linux/stat.h). The fields are missing from the
// headers of the build and are spare bytes there.
constexpr unsigned kWantDirectAlignment = 0x2000;
constexpr unsigned kWantAtomicWrites = 0x10000;
constexpr std::size_t kDirectMemoryAt = 0x98, kDirectOffsetAt = 0x9c;
constexpr std::size_t kLeastAtomicAt = 0xa8, kMostAtomicAt = 0xac;

std::uint32_t field(const struct statx& status, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, reinterpret_cast<const char*>(&status) + at, sizeof value);
  return value;
}

}  // namespace

DirectLimits direct_limits_of(int descriptor, const std::string& path) {
  struct statx status {};
  static_assert(sizeof status == 256);
  if (::syscall(SYS_statx, descriptor, "", AT_EMPTY_PATH, kWantDirectAlignment | kWantAtomicWrites,
                &status) != 0) {
    if (!is_missing_call(errno)) throw SystemError({path, "statx"}, errno);
    return {};
  }
  DirectLimits limits;
  if ((status.stx_mask & kWantDirectAlignment) != 0) {
    limits.memory_bytes = field(status, kDirectMemoryAt);
    limits.offset_bytes = field(status, kDirectOffsetAt);
  }
  if ((status.stx_mask & kWantAtomicWrites) != 0) {
    limits.least_atomic_bytes = field(status, kLeastAtomicAt);
    limits.most_atomic_bytes = field(status, kMostAtomicAt);
  }
  return limits;
}

}  // namespace npyrace
