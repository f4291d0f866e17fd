// Wrappers of libc's functions for named POSIX semaphores, by which Python's multiprocessing makes
// its locks. A semaphore is identified by its file in /dev/shm: children of fork inherit its
// address, other processes open its name. Semaphores of sem_init have no name and are not followed.
// CPython makes the locks of its threads of them, so calls with them do not enter the collector.

#include <fcntl.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <atomic>

#include "bench/watch/collector/collector.h"
#include "bench/watch/collector/real.h"

namespace npyrace::watch {
namespace {

constexpr std::int64_t kUnknown = -1;

struct Semaphore {
  std::atomic<const sem_t*> address;  ///< null: the entry is free
  std::uint32_t file;
  std::uint32_t opened;  ///< sem_open returns one address for a name; as many sem_close unmap it
  std::int64_t start;    ///< the value with which it was created, or kUnknown
};
constexpr std::uint32_t kMostSemaphores = 256;
Semaphore semaphores[kMostSemaphores];
std::atomic<std::uint32_t> semaphore_count = 0;  ///< entries that were ever used

/// Null if it is not a named one. May be called without the lock.
Semaphore* entry_of(const sem_t* address) {
  const std::uint32_t count = semaphore_count.load(std::memory_order_acquire);
  for (std::uint32_t i = 0; i < count; ++i)
    if (semaphores[i].address.load(std::memory_order_relaxed) == address) return &semaphores[i];
  return nullptr;
}

Semaphore* free_entry() {
  if (Semaphore* const left = entry_of(nullptr)) return left;
  const std::uint32_t count = semaphore_count;
  if (count == kMostSemaphores) return nullptr;
  semaphore_count.store(count + 1, std::memory_order_release);
  return &semaphores[count];
}

void mark(std::uint32_t file, FileUse use) {
  Watched& watched = *watched_at(file);
  if (is_logged(watched)) log_use(watched.logged, use);
}

bool path_of_semaphore(const char* name, char* path, std::size_t room) {
  while (*name == '/') ++name;
  return snprintf(path, room, "/dev/shm/sem.%s", name) < static_cast<int>(room);
}

bool exists(const char* name) {
  char path[sizeof Watched::path];
  struct stat status;
  return path_of_semaphore(name, path, sizeof path) && status_of(path, status);
}

void opened(const sem_t* address, const char* name, std::int64_t start) {
  char path[sizeof Watched::path];
  const Watched* const file =
      path_of_semaphore(name, path, sizeof path) ? lock_file_at(path) : nullptr;
  if (file == nullptr) return;
  const std::uint32_t index = index_of(*file);
  if (start == 1) mark(index, kStartsWithOne);
  Semaphore* entry = entry_of(address);
  if (entry != nullptr && entry->file == index) {
    ++entry->opened;
    return;
  }
  if (entry == nullptr) entry = free_entry();
  if (entry == nullptr) return mark(index, kNoMutex);  // what this process does with it is not seen
  entry->file = index;
  entry->opened = 1;
  entry->start = start;
  entry->address = address;
}

void closed(const sem_t* address) {
  Semaphore* const entry = entry_of(address);
  if (entry == nullptr || --entry->opened > 0) return;
  semaphore_given_back(entry->file);
  entry->address = nullptr;
}

/// The semaphore if it can be a lock, else null.
Semaphore* possible_lock(const sem_t* address) {
  Semaphore* const entry = entry_of(address);
  return entry != nullptr && (entry->start == 1 || entry->start == kUnknown) ? entry : nullptr;
}

Real<sem_t*(const char*, int, ...)> real_sem_open{"sem_open"};
Real<int(sem_t*)> real_sem_close{"sem_close"}, real_sem_wait{"sem_wait"},
    real_sem_trywait{"sem_trywait"}, real_sem_post{"sem_post"};
Real<int(sem_t*, const struct timespec*)> real_sem_timedwait{"sem_timedwait"};
Real<int(sem_t*, clockid_t, const struct timespec*)> real_sem_clockwait{"sem_clockwait"};
Real<int(sem_t*, int*)> real_sem_getvalue{"sem_getvalue"};

/// True if others can take the semaphore now.
bool is_free(sem_t* semaphore) {
  int value = 0;
  return real_sem_getvalue(semaphore, &value) == 0 && value > 0;
}

/// `result` of a function that takes the semaphore.
int taken(sem_t* semaphore, int result) {
  if (result != 0 || !is_watching() || possible_lock(semaphore) == nullptr) return result;
  const Guard guard;
  const Semaphore* const entry = guard ? possible_lock(semaphore) : nullptr;
  // If it is still free it is no lock, as for the semaphore that bounds a queue.
  if (entry != nullptr && !is_free(semaphore) && !semaphore_taken(entry->file))
    mark(entry->file, kNoMutex);
  return result;
}

}  // namespace
}  // namespace npyrace::watch

using namespace npyrace::watch;

#pragma GCC visibility push(default)
extern "C" {

sem_t* sem_open(const char* name, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = va_arg(arguments, mode_t);
  const auto value = va_arg(arguments, unsigned);
  va_end(arguments);
  if (!is_watching()) return real_sem_open(name, flags, mode, value);
  const bool is_new = (flags & O_CREAT) != 0 && ((flags & O_EXCL) != 0 || !exists(name));
  sem_t* const semaphore = real_sem_open(name, flags, mode, value);
  if (semaphore != SEM_FAILED) {
    const Guard guard;
    if (guard) opened(semaphore, name, is_new ? std::int64_t{value} : kUnknown);
  }
  return semaphore;
}

int sem_close(sem_t* semaphore) {
  if (is_watching() && entry_of(semaphore) != nullptr) {
    const Guard guard;
    if (guard) closed(semaphore);
  }
  return real_sem_close(semaphore);
}

int sem_wait(sem_t* semaphore) {
  return taken(semaphore, real_sem_wait(semaphore));
}

int sem_trywait(sem_t* semaphore) {
  return taken(semaphore, real_sem_trywait(semaphore));
}

int sem_timedwait(sem_t* semaphore, const struct timespec* end) {
  return taken(semaphore, real_sem_timedwait(semaphore, end));
}

int sem_clockwait(sem_t* semaphore, clockid_t clock, const struct timespec* end) {
  return taken(semaphore, real_sem_clockwait(semaphore, clock, end));
}

int sem_post(sem_t* semaphore) {
  // Before the call, because afterwards other processes can take it.
  if (is_watching() && possible_lock(semaphore) != nullptr) {
    const Guard guard;
    const Semaphore* const entry = guard ? possible_lock(semaphore) : nullptr;
    if (entry != nullptr && !semaphore_given_back(entry->file)) mark(entry->file, kNoMutex);
  }
  return real_sem_post(semaphore);
}

}  // extern "C"
#pragma GCC visibility pop
