// Wrappers of stdio functions. libc writes streams by internal calls that cannot be intercepted, so
// the written bytes are computed from the stream position before and after. Only streams that are
// open for writing are handled.

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "bench/watch/collector/collector.h"
#include "bench/watch/collector/real.h"

namespace npyrace::watch {
namespace {

constexpr std::uint32_t kMostStreams = 1024;
/// Hash table of the streams of watched files, by address.
std::atomic<FILE*> streams[kMostStreams];
std::atomic<int> stream_count = 0;

std::uint32_t slot_of(const FILE* stream) {
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(stream) / 16 * 2654435761u >>
                                    8) %
         kMostStreams;
}

bool is_watched(FILE* stream) {
  if (stream_count.load(std::memory_order_relaxed) == 0) return false;
  for (std::uint32_t i = 0; i < 16; ++i)
    if (streams[(slot_of(stream) + i) % kMostStreams].load(std::memory_order_relaxed) == stream)
      return true;
  return false;
}

void add_stream(FILE* stream) {
  if (stream == nullptr || is_watched(stream)) return;
  for (std::uint32_t i = 0; i < 16; ++i) {
    FILE* none = nullptr;
    if (!streams[(slot_of(stream) + i) % kMostStreams].compare_exchange_strong(none, stream))
      continue;
    ++stream_count;
    return;
  }
  note("more than %u streams are open: the others are not watched", kMostStreams);
}

void remove_stream(FILE* stream) {
  for (std::uint32_t i = 0; i < 16; ++i) {
    FILE* one = stream;
    if (streams[(slot_of(stream) + i) % kMostStreams].compare_exchange_strong(one, nullptr))
      --stream_count;
  }
}

/// Converts a mode of fopen to flags of open.
int flags_of(const char* mode) {
  int flags = mode[0] == 'r' ? O_RDONLY : O_WRONLY;
  if (mode[0] == 'w') flags |= O_TRUNC;
  for (const char* at = mode; *at != 0 && *at != ','; ++at)
    if (*at == '+') flags = (flags & ~O_ACCMODE) | O_RDWR;
  return flags;
}

template <typename Open>
FILE* stream_opened(const char* path, const char* mode, Open open) {
  if (!is_watching() || mode == nullptr) return open();
  const int flags = flags_of(mode);
  const std::uint64_t before_bytes = size_before_open(AT_FDCWD, path, flags);
  FILE* const stream = open();
  if (stream == nullptr) return stream;
  const Guard guard;
  if (!guard) return stream;
  const int descriptor = fileno(stream);
  if (path != nullptr) descriptor_opened(descriptor, flags);
  Watched* const file = (flags & O_ACCMODE) == O_RDONLY ? nullptr : watched_file(descriptor);
  if (file == nullptr) return stream;
  add_stream(stream);
  wrote(*file, What::truncated, 0, before_bytes);
  return stream;
}

/// Where appended bytes go is decided when libc writes its buffer, perhaps after another process
/// has appended more.
What position_of(FILE* stream) {
  const long flags = syscall(SYS_fcntl, fileno(stream), F_GETFL);
  return flags >= 0 && (flags & O_APPEND) != 0 ? What::called_near : What::called;
}

/// Makes a call that writes and thereby moves the stream's position, and logs the bytes.
template <typename Call>
auto wrote_to(FILE* stream, Call call) -> decltype(call()) {
  if (!is_watching() || !is_watched(stream)) return call();
  const long before = ftell(stream);
  const auto result = call();
  const Guard guard;
  const long after = ftell(stream);
  if (!guard || before < 0 || after <= before) return result;
  if (Watched* const file = watched_file(fileno(stream)))
    wrote(*file, position_of(stream), static_cast<std::uint64_t>(before),
          static_cast<std::uint64_t>(after));
  look_now_and_then();
  return result;
}

Real<FILE*(const char*, const char*)> real_fopen{"fopen"}, real_fopen64{"fopen64", "fopen"};
Real<FILE*(const char*, const char*, FILE*)> real_freopen{"freopen"},
    real_freopen64{"freopen64", "freopen"};
Real<FILE*(int, const char*)> real_fdopen{"fdopen"};
Real<int(FILE*)> real_fclose{"fclose"};
Real<size_t(const void*, size_t, size_t, FILE*)> real_fwrite{"fwrite"},
    real_fwrite_unlocked{"fwrite_unlocked", "fwrite"};
Real<int(const char*, FILE*)> real_fputs{"fputs"}, real_fputs_unlocked{"fputs_unlocked", "fputs"};
Real<int(int, FILE*)> real_fputc{"fputc"}, real_putc{"putc"},
    real_fputc_unlocked{"fputc_unlocked", "fputc"}, real_putc_unlocked{"putc_unlocked", "putc"};
Real<int(FILE*, const char*, va_list)> real_vfprintf{"vfprintf"};
Real<int(FILE*, int, const char*, va_list)> real_vfprintf_chk{"__vfprintf_chk"};

/// Returns the watched file whose descriptor the call closes.
Watched* stream_closing(FILE* stream) {
  if (!is_watching() || stream == nullptr) return nullptr;
  const int descriptor = fileno(stream);
  const Guard guard;
  if (!guard) return nullptr;
  locks_of_closed(descriptor);
  remove_stream(stream);
  return descriptor_closing(descriptor);
}

void stream_closed(Watched* file) {
  if (file == nullptr) return;
  const Guard guard;
  if (guard) handle_dropped(*file);
}

template <typename Open>
FILE* stream_reopened(const char* path, const char* mode, FILE* stream, Open open) {
  Watched* const before = stream_closing(stream);
  FILE* const result = stream_opened(path, mode, open);
  stream_closed(before);
  return result;
}

}  // namespace
}  // namespace npyrace::watch

using namespace npyrace::watch;

#pragma GCC visibility push(default)
extern "C" {

FILE* fopen(const char* path, const char* mode) {
  return stream_opened(path, mode, [=] { return real_fopen(path, mode); });
}

FILE* fopen64(const char* path, const char* mode) {
  return stream_opened(path, mode, [=] { return real_fopen64(path, mode); });
}

FILE* fdopen(int descriptor, const char* mode) {
  return stream_opened(nullptr, mode, [=] { return real_fdopen(descriptor, mode); });
}

FILE* freopen(const char* path, const char* mode, FILE* stream) {
  return stream_reopened(path, mode, stream, [=] { return real_freopen(path, mode, stream); });
}

FILE* freopen64(const char* path, const char* mode, FILE* stream) {
  return stream_reopened(path, mode, stream, [=] { return real_freopen64(path, mode, stream); });
}

int fclose(FILE* stream) {
  int error = 0;  // error of this flush, which fclose would otherwise have reported
  if (is_watching() && is_watched(stream) && fflush(stream) != 0) error = errno;
  Watched* const file = stream_closing(stream);
  const int result = real_fclose(stream);
  stream_closed(file);
  if (error == 0) return result;
  errno = error;
  return EOF;
}

size_t fwrite(const void* data, size_t size, size_t count, FILE* stream) {
  return wrote_to(stream, [=] { return real_fwrite(data, size, count, stream); });
}

size_t fwrite_unlocked(const void* data, size_t size, size_t count, FILE* stream) {
  return wrote_to(stream, [=] { return real_fwrite_unlocked(data, size, count, stream); });
}

int fputs(const char* text, FILE* stream) {
  return wrote_to(stream, [=] { return real_fputs(text, stream); });
}

int fputs_unlocked(const char* text, FILE* stream) {
  return wrote_to(stream, [=] { return real_fputs_unlocked(text, stream); });
}

int fputc(int character, FILE* stream) {
  return wrote_to(stream, [=] { return real_fputc(character, stream); });
}

int putc(int character, FILE* stream) {
  return wrote_to(stream, [=] { return real_putc(character, stream); });
}

int fputc_unlocked(int character, FILE* stream) {
  return wrote_to(stream, [=] { return real_fputc_unlocked(character, stream); });
}

int putc_unlocked(int character, FILE* stream) {
  return wrote_to(stream, [=] { return real_putc_unlocked(character, stream); });
}

int vfprintf(FILE* stream, const char* format, va_list arguments) {
  return wrote_to(stream, [&] { return real_vfprintf(stream, format, arguments); });
}

int __vfprintf_chk(FILE* stream, int flag, const char* format, va_list arguments) {
  return wrote_to(stream, [&] { return real_vfprintf_chk(stream, flag, format, arguments); });
}

int fprintf(FILE* stream, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int result = wrote_to(stream, [&] { return real_vfprintf(stream, format, arguments); });
  va_end(arguments);
  return result;
}

int __fprintf_chk(FILE* stream, int flag, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int result =
      wrote_to(stream, [&] { return real_vfprintf_chk(stream, flag, format, arguments); });
  va_end(arguments);
  return result;
}

}  // extern "C"
#pragma GCC visibility pop
