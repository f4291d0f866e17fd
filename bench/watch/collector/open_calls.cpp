// Calls of libc that open, close and name files. Each wrapper calls the original function, keeps
// its result and errno, and tells the collector which descriptor or name is which file.

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/watch/collector/collector.h"
#include "bench/watch/collector/real.h"

namespace npyrace::watch {
namespace {

bool has_mode(int flags) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

template <typename Open>
int opened(int directory, const char* path, int flags, Open open) {
  if (!is_watching() || path == nullptr) return open();
  const std::uint64_t before_bytes = size_before_open(directory, path, flags);
  const int descriptor = open();
  if (descriptor < 0) return descriptor;
  const Guard guard;
  if (!guard) return descriptor;
  descriptor_opened(descriptor, flags);
  if (before_bytes == 0) return descriptor;
  if (Watched* const file = watched_file(descriptor))
    wrote(*file, What::truncated, 0, before_bytes);
  return descriptor;
}

/// A name that a call moves or links: its file is looked up before the call, because afterwards
/// another process may have replaced the file of the new name.
struct Name {
  int directory;
  const char* path;
  int lookup_flags = AT_SYMLINK_NOFOLLOW;  ///< of fstatat
};

template <typename Call>
int renamed(Name from, int to_directory, const char* to, Call call) {
  const bool named = is_watching() && from.path != nullptr && to != nullptr &&
                     (name_matches(from.path) || name_matches(to));
  struct stat moved = {}, before = {};
  if (named && syscall(SYS_newfstatat, from.directory, from.path, &moved, from.lookup_flags) != 0)
    moved.st_mode = 0;
  const std::int64_t born_ns =
      S_ISREG(moved.st_mode) ? birth_of(from.directory, from.path, from.lookup_flags, moved) : 0;
  const bool replaces = named && syscall(SYS_newfstatat, to_directory, to, &before, 0) == 0 &&
                        S_ISREG(before.st_mode);
  const int result = call();
  if (result != 0 || !named || !S_ISREG(moved.st_mode)) return result;
  const Guard guard;
  if (!guard) return result;
  // A path relative to a directory is looked up through the directory's entry in /proc.
  char path[4096];
  const bool direct = to[0] == '/' || to_directory == AT_FDCWD;
  const int length =
      direct ? 0 : snprintf(path, sizeof path, "/proc/self/fd/%d/%s", to_directory, to);
  if (length < static_cast<int>(sizeof path))
    file_renamed(moved, born_ns, direct ? to : path, replaces ? &before : nullptr);
  return result;
}

Real<int(const char*, int, ...)> real_open{"open"}, real_open64{"open64", "open"};
Real<int(int, const char*, int, ...)> real_openat{"openat"}, real_openat64{"openat64", "openat"};
Real<int(const char*, int)> real_open_2{"__open_2"}, real_open64_2{"__open64_2"};
Real<int(int, const char*, int)> real_openat_2{"__openat_2"}, real_openat64_2{"__openat64_2"};
Real<int(const char*, mode_t)> real_creat{"creat"}, real_creat64{"creat64", "creat"};
Real<int(int)> real_close{"close"};
Real<void(int)> real_closefrom{"closefrom"};
Real<int(unsigned, unsigned, int)> real_close_range{"close_range"};
Real<int(int)> real_dup{"dup"};
Real<int(int, int)> real_dup2{"dup2"};
Real<int(int, int, int)> real_dup3{"dup3"};
Real<int(const char*, const char*)> real_rename{"rename"}, real_link{"link"};
Real<int(int, const char*, int, const char*)> real_renameat{"renameat"};
Real<int(int, const char*, int, const char*, unsigned)> real_renameat2{"renameat2"};
Real<int(int, const char*, int, const char*, int)> real_linkat{"linkat"};

int closed(int descriptor) {
  // Programs close all descriptors that they do not know; the collector's own ones are left open.
  if (is_protector(descriptor) || is_log_descriptor(descriptor)) return 0;
  Watched* file = nullptr;
  {
    const Guard guard;
    if (guard) {
      locks_of_closed(descriptor);
      file = descriptor_closing(descriptor);
    }
  }
  const int result = real_close(descriptor);
  if (file == nullptr) return result;
  const Guard guard;
  if (guard) handle_dropped(*file);
  return result;
}

int duplicated(int from, int result) {
  if (result < 0) return result;
  const Guard guard;
  if (guard) descriptor_copied(from, result);
  return result;
}

}  // namespace
}  // namespace npyrace::watch

using namespace npyrace::watch;

#pragma GCC visibility push(default)
extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = has_mode(flags) ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return opened(AT_FDCWD, path, flags, [=] { return real_open(path, flags, mode); });
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = has_mode(flags) ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return opened(AT_FDCWD, path, flags, [=] { return real_open64(path, flags, mode); });
}

int openat(int directory, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = has_mode(flags) ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return opened(directory, path, flags, [=] { return real_openat(directory, path, flags, mode); });
}

int openat64(int directory, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = has_mode(flags) ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return opened(directory, path, flags,
                [=] { return real_openat64(directory, path, flags, mode); });
}

// Programs compiled with _FORTIFY_SOURCE call these functions in place of open.
int __open_2(const char* path, int flags) {
  return opened(AT_FDCWD, path, flags, [=] { return real_open_2(path, flags); });
}

int __open64_2(const char* path, int flags) {
  return opened(AT_FDCWD, path, flags, [=] { return real_open64_2(path, flags); });
}

int __openat_2(int directory, const char* path, int flags) {
  return opened(directory, path, flags, [=] { return real_openat_2(directory, path, flags); });
}

int __openat64_2(int directory, const char* path, int flags) {
  return opened(directory, path, flags, [=] { return real_openat64_2(directory, path, flags); });
}

int creat(const char* path, mode_t mode) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
  return opened(AT_FDCWD, path, kFlags, [=] { return real_creat(path, mode); });
}

int creat64(const char* path, mode_t mode) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
  return opened(AT_FDCWD, path, kFlags, [=] { return real_creat64(path, mode); });
}

int close(int descriptor) {
  return closed(descriptor);
}

void closefrom(int first) {
  // Closes one by one, because the collector's own descriptors must stay open.
  const long most = sysconf(_SC_OPEN_MAX);
  if (real_closefrom.get() == nullptr || is_watching())
    for (int i = first; i < most && i < 65536; ++i) closed(i);
  else
    real_closefrom(first);
}

int close_range(unsigned first, unsigned last, int flags) {
  constexpr int kOnExec = 4;
  if (!is_watching() || (flags & kOnExec) != 0 || in_foreign_process()) {
    if (real_close_range.get() != nullptr) return real_close_range(first, last, flags);
    errno = ENOSYS;
    return -1;
  }
  const long most = sysconf(_SC_OPEN_MAX);
  for (unsigned i = first; i <= last && static_cast<long>(i) < most && i < 65536; ++i)
    closed(static_cast<int>(i));
  return 0;
}

int dup(int descriptor) {
  return duplicated(descriptor, real_dup(descriptor));
}

int dup2(int from, int to) {
  return duplicated(from, real_dup2(from, to));
}

int dup3(int from, int to, int flags) {
  return duplicated(from, real_dup3(from, to, flags));
}

int rename(const char* from, const char* to) {
  return renamed({AT_FDCWD, from}, AT_FDCWD, to, [=] { return real_rename(from, to); });
}

int renameat(int from_directory, const char* from, int to_directory, const char* to) {
  return renamed({from_directory, from}, to_directory, to,
                 [=] { return real_renameat(from_directory, from, to_directory, to); });
}

int renameat2(int from_directory, const char* from, int to_directory, const char* to,
              unsigned flags) {
  return renamed({from_directory, from}, to_directory, to,
                 [=] { return real_renameat2(from_directory, from, to_directory, to, flags); });
}

int link(const char* from, const char* to) {
  return renamed({AT_FDCWD, from}, AT_FDCWD, to, [=] { return real_link(from, to); });
}

int linkat(int from_directory, const char* from, int to_directory, const char* to, int flags) {
  const int follow = (flags & AT_SYMLINK_FOLLOW) != 0 ? 0 : AT_SYMLINK_NOFOLLOW;
  return renamed({from_directory, from, follow | (flags & AT_EMPTY_PATH)}, to_directory, to,
                 [=] { return real_linkat(from_directory, from, to_directory, to, flags); });
}

}  // extern "C"
#pragma GCC visibility pop
