// The exclusive locks that this process holds.

#include "bench/watch/collector/collector.h"

namespace npyrace::watch {
namespace {

constexpr int kOfProcess = -1;

struct Held {
  std::uint32_t file;
  bool by_flock;
  int descriptor;  ///< closing it releases the lock; kOfProcess: closing any descriptor of the file
                   ///< does (POSIX)
  std::uint64_t from, to;
  Moment taken;
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
  return lock.file == other.file && lock.by_flock == other.by_flock &&
         lock.descriptor == other.descriptor && other.from <= lock.from && lock.to <= other.to;
}

/// The held lock of the most bytes, which most likely excludes other writers; null if there is
/// none.
const Held* widest_lock() {
  const Held* widest = nullptr;
  for (int i = 0; i < held_count; ++i)
    if (widest == nullptr || held[i].to - held[i].from > widest->to - widest->from)
      widest = &held[i];
  return widest;
}

}  // namespace

Moment locked_since() {
  Moment last = {};
  for (int i = 0; i < held_count; ++i)
    if (held[i].taken.boot_ns > last.boot_ns) last = held[i].taken;
  return last;
}

void enter_lock(Range& range, const Watched& file) {
  const Held* const lock = widest_lock();
  if (lock == nullptr || !is_logged(*watched_at(lock->file))) return;
  range.lock = watched_at(lock->file)->logged;
  if (lock->by_flock) {
    range.lock_kind = LockKind::whole;
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
                     owner == LockOwner::flock,
                     owner == LockOwner::process ? kOfProcess : descriptor,
                     from,
                     to,
                     now()};
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
    if (lock.by_flock != (owner == LockOwner::flock) || lock.from >= to || from >= lock.to) return;
    forget_held(i);  // the bytes before and after the range stay locked
    if (lock.from < from)
      hold({lock.file, lock.by_flock, lock.descriptor, lock.from, from, lock.taken});
    if (to < lock.to) hold({lock.file, lock.by_flock, lock.descriptor, to, lock.to, lock.taken});
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

void forget_all_locks() {
  held_count = 0;
}

}  // namespace npyrace::watch
