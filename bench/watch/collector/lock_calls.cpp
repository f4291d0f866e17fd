// Wrappers of libc's functions for file locks.

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/watch/collector/collector.h"
#include "bench/watch/collector/real.h"

namespace npyrace::watch {
namespace {

struct Extent {
  std::uint64_t from = 0, to = kEnd;
};

Extent extent_of(int descriptor, const struct flock& lock) {
  std::int64_t start = lock.l_start;
  if (lock.l_whence == SEEK_CUR) start += syscall(SYS_lseek, descriptor, 0, SEEK_CUR);
  if (lock.l_whence == SEEK_END) start += size_of(descriptor);
  std::int64_t length = lock.l_len;
  if (length < 0) {
    start += length;
    length = -length;
  }
  if (start < 0) start = 0;
  return {static_cast<std::uint64_t>(start),
          length == 0 ? kEnd : static_cast<std::uint64_t>(start + length)};
}

bool sets_lock(int command) {
  return command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK ||
         command == F_OFD_SETLKW;
}

template <typename Call>
int lock_changed(int descriptor, LockOwner owner, const struct flock* argument, Call call) {
  if (!is_watching() || argument == nullptr) return call();
  const struct flock wanted = *argument;
  const Extent extent = extent_of(descriptor, wanted);
  // A release is logged before the call, because afterwards other processes can get the lock.
  if (wanted.l_type != F_WRLCK) {
    const Guard guard;
    if (guard) lock_given_back(descriptor, owner, extent.from, extent.to);
  }
  const int result = call();
  if (result == 0 && wanted.l_type == F_WRLCK) {
    const Guard guard;
    if (guard) lock_taken(descriptor, owner, extent.from, extent.to);
  }
  return result;
}

/// lockf locks from the position of the descriptor on.
template <typename Call>
int locked_section(int descriptor, int command, off_t length, Call call) {
  if (command == F_TEST) return call();
  struct flock lock = {};
  lock.l_type = command == F_ULOCK ? F_UNLCK : F_WRLCK;
  lock.l_whence = SEEK_CUR;
  lock.l_len = length;
  return lock_changed(descriptor, LockOwner::process, &lock, call);
}

template <typename Call>
int controlled(int descriptor, int command, void* argument, Call call) {
  if (sets_lock(command)) {
    const bool by_process = command == F_SETLK || command == F_SETLKW;
    return lock_changed(descriptor, by_process ? LockOwner::process : LockOwner::descriptor,
                        static_cast<const struct flock*>(argument), call);
  }
  const int result = call();
  if (result < 0) return result;
  if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) {
    const Guard guard;
    if (guard) descriptor_copied(descriptor, result);
  }
  return result;
}

Real<int(int, int, ...)> real_fcntl{"fcntl"}, real_fcntl64{"fcntl64", "fcntl"};
Real<int(int, int)> real_flock{"flock"};
Real<int(int, int, off_t)> real_lockf{"lockf"}, real_lockf64{"lockf64", "lockf"};

}  // namespace
}  // namespace npyrace::watch

using namespace npyrace::watch;

#pragma GCC visibility push(default)
extern "C" {

int fcntl(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  return controlled(descriptor, command, argument,
                    [=] { return real_fcntl(descriptor, command, argument); });
}

int fcntl64(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  return controlled(descriptor, command, argument,
                    [=] { return real_fcntl64(descriptor, command, argument); });
}

int flock(int descriptor, int operation) {
  const bool exclusive = (operation & ~LOCK_NB) == LOCK_EX;
  if (!exclusive) {
    const Guard guard;
    if (guard) lock_given_back(descriptor, LockOwner::flock, 0, kEnd);
  }
  const int result = real_flock(descriptor, operation);
  if (exclusive && result == 0) {
    const Guard guard;
    if (guard) lock_taken(descriptor, LockOwner::flock, 0, kEnd);
  }
  return result;
}

int lockf(int descriptor, int command, off_t length) {
  return locked_section(descriptor, command, length,
                        [=] { return real_lockf(descriptor, command, length); });
}

int lockf64(int descriptor, int command, off_t length) {
  return locked_section(descriptor, command, length,
                        [=] { return real_lockf64(descriptor, command, length); });
}

}  // extern "C"
#pragma GCC visibility pop
