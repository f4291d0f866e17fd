// Calls of libc that change the content of files. Each wrapper calls the original function, keeps
// its result and errno, and logs what was written.

#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bench/watch/collector/collector.h"
#include "bench/watch/collector/real.h"

namespace npyrace::watch {
namespace {

bool appends(int descriptor) {
  const long flags = syscall(SYS_fcntl, descriptor, F_GETFL);
  return flags >= 0 && (flags & O_APPEND) != 0;
}

/// Logs a write of `bytes` that began at the descriptor's position `start` (-1: unknown).
void wrote_at_position(int descriptor, long start, long bytes) {
  if (bytes <= 0) return;
  const Guard guard;
  if (!guard) return;
  Watched* const file = watched_file(descriptor);
  if (file == nullptr) return;
  const long end = syscall(SYS_lseek, descriptor, 0, SEEK_CUR);
  if (end < bytes) return;
  long from = end - bytes, to = end;
  // Another thread, or a process that shares the position, has written meanwhile.
  const bool moved = start >= 0 && from != start && (file->shared || !appends(descriptor));
  if (moved && start < from) from = start;
  if (moved && start + bytes > to) to = start + bytes;
  wrote(*file, moved ? What::called_near : What::called, static_cast<std::uint64_t>(from),
        static_cast<std::uint64_t>(to));
  look_now_and_then();
}

/// Makes a call that writes at the descriptor's position and returns the number of bytes.
template <typename Call>
ssize_t wrote_by(int descriptor, Call call) {
  if (!is_watching() || !may_be_watched(descriptor)) return call();
  const int error = errno;
  const long start = syscall(SYS_lseek, descriptor, 0, SEEK_CUR);
  errno = error;
  const ssize_t bytes = call();
  wrote_at_position(descriptor, start, bytes);
  return bytes;
}

void wrote_at(int descriptor, long bytes, std::int64_t offset) {
  if (bytes <= 0 || offset < 0) return;
  const Guard guard;
  if (!guard) return;
  Watched* const file = watched_file(descriptor);
  if (file == nullptr) return;
  // With O_APPEND Linux appends and ignores the offset.
  if (appends(descriptor)) {
    struct stat status;
    if (!status_of(descriptor, status)) return;
    offset = status.st_size - bytes;
  }
  wrote(*file, What::called, static_cast<std::uint64_t>(offset),
        static_cast<std::uint64_t>(offset + bytes));
  look_now_and_then();
}

/// Makes a call that writes at `offset` and returns the number of bytes.
template <typename Call>
ssize_t wrote_at_by(int descriptor, std::int64_t offset, Call call) {
  const ssize_t bytes = call();
  if (is_watching()) wrote_at(descriptor, bytes, offset);
  return bytes;
}

/// pwritev2, whose offset -1 means the descriptor's position.
template <typename Call>
ssize_t wrote_v2(int descriptor, off_t offset, int flags, Call call) {
  constexpr int kAppend = 16;  // RWF_APPEND
  if (offset < 0) return wrote_by(descriptor, call);
  const ssize_t written = call();
  if (is_watching())
    wrote_at(descriptor, written, (flags & kAppend) != 0 ? size_of(descriptor) - written : offset);
  return written;
}

/// Logs a truncation to `size`, which removed the bytes [size, before).
void truncated(Watched* file, std::int64_t before_bytes, std::int64_t size_bytes) {
  if (file != nullptr && size_bytes < before_bytes)
    wrote(*file, What::truncated, static_cast<std::uint64_t>(size_bytes),
          static_cast<std::uint64_t>(before_bytes));
}

template <typename Call>
int changed_size(int descriptor, std::int64_t size_bytes, Call call) {
  const std::int64_t before_bytes = is_watching() ? size_of(descriptor) : 0;
  const int result = call();
  if (result != 0 || !is_watching()) return result;
  const Guard guard;
  if (guard) truncated(watched_file(descriptor), before_bytes, size_bytes);
  return result;
}

template <typename Call>
int changed_size(const char* path, std::int64_t size_bytes, Call call) {
  struct stat status = {};
  const bool named =
      is_watching() && path != nullptr && name_matches(path) && status_of(path, status);
  const int result = call();
  if (result != 0 || !named) return result;
  const int descriptor =
      static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC));
  if (descriptor < 0) return result;
  const Guard guard;
  if (guard) truncated(watched_file(descriptor), status.st_size, size_bytes);
  if (guard) descriptor_closed(descriptor);
  syscall(SYS_close, descriptor);
  return result;
}

template <typename Call>
int synced_by(int descriptor, Call call) {
  const int result = call();
  if (result != 0 || !is_watching()) return result;
  const Guard guard;
  if (!guard) return result;
  look_now_and_then();
  if (Watched* const file = watched_file(descriptor)) synced(*file);
  return result;
}

/// Logs a copy inside the kernel to `descriptor`, at `*offset` or at the descriptor's position.
template <typename Call>
ssize_t copied_to(int descriptor, const std::int64_t* offset, Call call) {
  if (offset == nullptr) return wrote_by(descriptor, call);
  return wrote_at_by(descriptor, is_watching() ? *offset : -1, call);
}

Real<ssize_t(int, const void*, size_t)> real_write{"write"};
Real<ssize_t(int, const void*, size_t, off_t)> real_pwrite{"pwrite"},
    real_pwrite64{"pwrite64", "pwrite"};
Real<ssize_t(int, const iovec*, int)> real_writev{"writev"};
Real<ssize_t(int, const iovec*, int, off_t)> real_pwritev{"pwritev"},
    real_pwritev64{"pwritev64", "pwritev"};
Real<ssize_t(int, const iovec*, int, off_t, int)> real_pwritev2{"pwritev2"},
    real_pwritev64v2{"pwritev64v2", "pwritev2"};
Real<ssize_t(int, off_t*, int, off_t*, size_t, unsigned)> real_copy_file_range{"copy_file_range"};
Real<ssize_t(int, int, off_t*, size_t)> real_sendfile{"sendfile"},
    real_sendfile64{"sendfile64", "sendfile"};
Real<ssize_t(int, off_t*, int, off_t*, size_t, unsigned)> real_splice{"splice"};
Real<int(int, off_t)> real_ftruncate{"ftruncate"}, real_ftruncate64{"ftruncate64", "ftruncate"};
Real<int(const char*, off_t)> real_truncate{"truncate"}, real_truncate64{"truncate64", "truncate"};
Real<int(int, int, off_t, off_t)> real_fallocate{"fallocate"},
    real_fallocate64{"fallocate64", "fallocate"};
Real<int(int)> real_fsync{"fsync"}, real_fdatasync{"fdatasync"};
Real<int(int, off_t, off_t, unsigned)> real_sync_file_range{"sync_file_range"};
Real<int(int, unsigned long, ...)> real_ioctl{"ioctl"};
Real<int(aiocb*)> real_aio_write{"aio_write"};
Real<int(aiocb64*)> real_aio_write64{"aio_write64", "aio_write"};

/// Calls fallocate, and logs the bytes that it changed: those of the range, or all behind its start
/// if it moved them. Mere allocation changes none.
template <typename Call>
int allocated(int descriptor, int mode, off_t offset, off_t length, Call call) {
  constexpr int kCollapse = 8, kInsert = 32, kChanges = 2 | 16 | kCollapse | kInsert;
  const bool moves = (mode & (kCollapse | kInsert)) != 0;
  const std::int64_t before_bytes = is_watching() && moves ? size_of(descriptor) : 0;
  const int result = call();
  if (result != 0 || (mode & kChanges) == 0 || !is_watching()) return result;
  const Guard guard;
  Watched* const file = guard ? watched_file(descriptor) : nullptr;
  if (file == nullptr) return result;
  const std::int64_t size_bytes = size_of(descriptor);
  wrote(*file, What::called, static_cast<std::uint64_t>(offset),
        static_cast<std::uint64_t>(moves ? size_bytes : offset + length));
  truncated(file, before_bytes, size_bytes);
  return result;
}

/// FICLONE and FICLONERANGE, by which cp copies on XFS and Btrfs.
template <typename Call>
int cloned(int descriptor, unsigned long request, void* argument, Call call) {
  const int result = call();
  if (result != 0 || !is_watching()) return result;
  if (request == FICLONE) wrote_at(descriptor, size_of(descriptor), 0);
  if (request == FICLONERANGE) {
    const auto& range = *static_cast<const file_clone_range*>(argument);
    const auto start = static_cast<std::int64_t>(range.dest_offset);
    const auto length = static_cast<std::int64_t>(range.src_length);
    wrote_at(descriptor, length == 0 ? size_of(descriptor) - start : length, start);
  }
  return result;
}

}  // namespace
}  // namespace npyrace::watch

using namespace npyrace::watch;

#pragma GCC visibility push(default)
extern "C" {

ssize_t write(int descriptor, const void* data, size_t bytes) {
  return wrote_by(descriptor, [=] { return real_write(descriptor, data, bytes); });
}

ssize_t pwrite(int descriptor, const void* data, size_t bytes, off_t offset) {
  return wrote_at_by(descriptor, offset,
                     [=] { return real_pwrite(descriptor, data, bytes, offset); });
}

ssize_t pwrite64(int descriptor, const void* data, size_t bytes, off_t offset) {
  return wrote_at_by(descriptor, offset,
                     [=] { return real_pwrite64(descriptor, data, bytes, offset); });
}

ssize_t writev(int descriptor, const iovec* pieces, int count) {
  return wrote_by(descriptor, [=] { return real_writev(descriptor, pieces, count); });
}

ssize_t pwritev(int descriptor, const iovec* pieces, int count, off_t offset) {
  return wrote_at_by(descriptor, offset,
                     [=] { return real_pwritev(descriptor, pieces, count, offset); });
}

ssize_t pwritev64(int descriptor, const iovec* pieces, int count, off_t offset) {
  return wrote_at_by(descriptor, offset,
                     [=] { return real_pwritev64(descriptor, pieces, count, offset); });
}

ssize_t pwritev2(int descriptor, const iovec* pieces, int count, off_t offset, int flags) {
  return wrote_v2(descriptor, offset, flags,
                  [=] { return real_pwritev2(descriptor, pieces, count, offset, flags); });
}

ssize_t pwritev64v2(int descriptor, const iovec* pieces, int count, off_t offset, int flags) {
  return wrote_v2(descriptor, offset, flags,
                  [=] { return real_pwritev64v2(descriptor, pieces, count, offset, flags); });
}

ssize_t copy_file_range(int in, off_t* in_offset, int out, off_t* out_offset, size_t bytes,
                        unsigned flags) {
  return copied_to(out, out_offset, [=] {
    return real_copy_file_range(in, in_offset, out, out_offset, bytes, flags);
  });
}

ssize_t sendfile(int out, int in, off_t* offset, size_t bytes) {
  return copied_to(out, nullptr, [=] { return real_sendfile(out, in, offset, bytes); });
}

ssize_t sendfile64(int out, int in, off_t* offset, size_t bytes) {
  return copied_to(out, nullptr, [=] { return real_sendfile64(out, in, offset, bytes); });
}

ssize_t splice(int in, off_t* in_offset, int out, off_t* out_offset, size_t bytes, unsigned flags) {
  return copied_to(out, out_offset,
                   [=] { return real_splice(in, in_offset, out, out_offset, bytes, flags); });
}

int ftruncate(int descriptor, off_t bytes) {
  return changed_size(descriptor, bytes, [=] { return real_ftruncate(descriptor, bytes); });
}

int ftruncate64(int descriptor, off_t bytes) {
  return changed_size(descriptor, bytes, [=] { return real_ftruncate64(descriptor, bytes); });
}

int truncate(const char* path, off_t bytes) {
  return changed_size(path, bytes, [=] { return real_truncate(path, bytes); });
}

int truncate64(const char* path, off_t bytes) {
  return changed_size(path, bytes, [=] { return real_truncate64(path, bytes); });
}

int fallocate(int descriptor, int mode, off_t offset, off_t bytes) {
  return allocated(descriptor, mode, offset, bytes,
                   [=] { return real_fallocate(descriptor, mode, offset, bytes); });
}

int fallocate64(int descriptor, int mode, off_t offset, off_t bytes) {
  return allocated(descriptor, mode, offset, bytes,
                   [=] { return real_fallocate64(descriptor, mode, offset, bytes); });
}

int ioctl(int descriptor, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  return cloned(descriptor, request, argument,
                [=] { return real_ioctl(descriptor, request, argument); });
}

int fsync(int descriptor) {
  return synced_by(descriptor, [=] { return real_fsync(descriptor); });
}

int fdatasync(int descriptor) {
  return synced_by(descriptor, [=] { return real_fdatasync(descriptor); });
}

int sync_file_range(int descriptor, off_t offset, off_t bytes, unsigned flags) {
  return synced_by(descriptor,
                   [=] { return real_sync_file_range(descriptor, offset, bytes, flags); });
}

int aio_write(aiocb* request) {
  const int result = real_aio_write(request);
  if (result == 0 && is_watching())
    wrote_at(request->aio_fildes, static_cast<long>(request->aio_nbytes), request->aio_offset);
  return result;
}

int aio_write64(aiocb64* request) {
  const int result = real_aio_write64(request);
  if (result == 0 && is_watching())
    wrote_at(request->aio_fildes, static_cast<long>(request->aio_nbytes), request->aio_offset);
  return result;
}

}  // extern "C"
#pragma GCC visibility pop
