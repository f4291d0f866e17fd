// The exclusive locks that this process holds.

#include "bench/watch/collector/collector.h"

namespace npyrace::watch {
namespace {

constexpr int kOfProcess = -1;
constexpr int kOfSemaphore = -2;

/// Its address identifies the thread.
thread_local char this_thread;

struct Held {
  std::uint32_t file;
  LockKind kind;   ///< bytes, whole or semaphore
  int descriptor;  ///< closing it releases the lock; kOfProcess: closing any descriptor of the file
                   ///< does (POSIX)
  std::uint64_t from, to;
  Moment taken;
  const char* thread;  ///< address of its this_thread
};
constexpr int kMostHeld = 64;
Held held[kMostHeld];
int held_count = 0;

void hold(const Held& lock) {
  if (held_count < kMostHeld) held[held_count++] = lock;
}

void forget_held(int which) {
  held[which] = held[--held_count];
}

bool is_part_of(const Held& lock, const Held& other) {
  return lock.file == other.file && lock.kind == other.kind &&
         lock.descriptor == other.descriptor && other.from <= lock.from && lock.to <= other.to;
}

LockKind kind_of(LockOwner owner) {
  return owner == LockOwner::flock ? LockKind::whole : LockKind::bytes;
}

/// True if lock `a` more likely excludes other writers than `b`. Any file lock comes before a
/// semaphore, which may limit the number of writers to more than one, or belong to a queue.
bool excludes_better(const Held& a, const Held& b) {
  const bool by_semaphore = a.kind == LockKind::semaphore;
  if (by_semaphore != (b.kind == LockKind::semaphore)) return !by_semaphore;
  if (!by_semaphore) return a.to - a.from > b.to - b.from;
  if (a.thread != b.thread) return a.thread == &this_thread;
  return a.taken.boot_ns > b.taken.boot_ns;
}

/// Null if no lock is held.
const Held* best_lock() {
  const Held* best = nullptr;
  for (int i = 0; i < held_count; ++i)
    if (best == nullptr || excludes_better(held[i], *best)) best = &held[i];
  return best;
}

}  // namespace

Moment locked_since() {
  Moment last = {};
  for (int i = 0; i < held_count; ++i)
    if (held[i].kind != LockKind::semaphore && held[i].taken.boot_ns > last.boot_ns)
      last = held[i].taken;
  return last;
}

void enter_lock(Range& range, const Watched& file) {
  const Held* const lock = best_lock();
  if (lock == nullptr || !is_logged(*watched_at(lock->file))) return;
  range.lock = watched_at(lock->file)->logged;
  if (lock->kind != LockKind::bytes) {
    range.lock_kind = lock->kind;
  } else if (lock->file == index_of(file) && lock->from == range.from && lock->to == range.to) {
    range.lock_kind = LockKind::own_bytes;
  } else {
    range.lock_kind = LockKind::bytes;
    range.lock_from = lock->from;
    range.lock_to = lock->to;
  }
}

void lock_taken(int descriptor, LockOwner owner, std::uint64_t from, std::uint64_t to) {
  const Watched* const file = lockable_file(descriptor);
  if (file == nullptr) return;
  look_at_all_mappings();  // earlier stores were made without the lock
  const Held lock = {index_of(*file),
                     kind_of(owner),
                     owner == LockOwner::process ? kOfProcess : descriptor,
                     from,
                     to,
                     now(),
                     &this_thread};
  for (int i = held_count; i-- > 0;)  // a lock that was taken twice is released by one call
    if (is_part_of(held[i], lock)) forget_held(i);
  hold(lock);
}

/// Calls `give(i)` for each held lock of the descriptor's file, the last one first.
template <typename Give>
static void give_back(int descriptor, Give give) {
  const Watched* const file = held_count == 0 ? nullptr : known_file(descriptor);
  if (file == nullptr) return;
  look_at_all_mappings();
  for (int i = held_count - 1; i >= 0; --i)
    if (held[i].file == index_of(*file)) give(i);
}

void lock_given_back(int descriptor, LockOwner owner, std::uint64_t from, std::uint64_t to) {
  give_back(descriptor, [=](int i) {
    const Held lock = held[i];
    if (lock.kind != kind_of(owner) || lock.from >= to || from >= lock.to) return;
    forget_held(i);  // the bytes before and after the range stay locked
    if (lock.from < from)
      hold({lock.file, lock.kind, lock.descriptor, lock.from, from, lock.taken, lock.thread});
    if (to < lock.to)
      hold({lock.file, lock.kind, lock.descriptor, to, lock.to, lock.taken, lock.thread});
  });
}

/// In POSIX, closing any descriptor of a file releases all fcntl locks that the process holds on
/// it. Other kinds of lock belong to a descriptor and its copies.
void locks_of_closed(int descriptor) {
  give_back(descriptor, [=](int i) {
    if (held[i].descriptor == kOfProcess || held[i].descriptor == descriptor) forget_held(i);
  });
}

/// A copy of a descriptor keeps its locks.
void locks_of_copied(int descriptor, int copy) {
  for (int i = held_count; i-- > 0;)
    if (held[i].descriptor == copy) forget_held(i);
  for (int i = held_count; i-- > 0;) {
    if (held[i].descriptor != descriptor) continue;
    Held lock = held[i];
    lock.descriptor = copy;
    hold(lock);
  }
}

static int held_semaphore(std::uint32_t file) {
  int i = held_count - 1;
  while (i >= 0 && (held[i].file != file || held[i].kind != LockKind::semaphore)) --i;
  return i;
}

bool semaphore_taken(std::uint32_t file) {
  if (held_semaphore(file) >= 0) return false;
  look_at_all_mappings();
  hold({file, LockKind::semaphore, kOfSemaphore, 0, kEnd, now(), &this_thread});
  return true;
}

bool semaphore_given_back(std::uint32_t file) {
  const int which = held_semaphore(file);
  if (which < 0) return false;
  look_at_all_mappings();
  forget_held(which);
  return true;
}

void forget_all_locks() {
  held_count = 0;
}

}  // namespace npyrace::watch
