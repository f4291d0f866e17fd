// fcntl and flock locks, honoured between all nodes. Taking or giving up one is, as on NFS, also
// a moment of synchronisation in the model that copies NFS.

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <limits>

#include "bench/lab/server/operations.h"

namespace npyrace::lab {
namespace {

/// How often a waiting locker asks again.
constexpr std::chrono::milliseconds kRetry{2};

constexpr ByteRange kWholeFile{0, std::numeric_limits<std::uint64_t>::max()};

/// Publishes what was written before the lock changes hands.
int publish_before(Call& call) {
  Cluster& cluster = call.node().cluster;
  return cluster.model.extends_to_pages ? -cluster.publish(call.inode(), call.node().index) : 0;
}

/// What the node cached before it had the lock is not trusted any more.
void refresh_after(Call& call) {
  Cluster& cluster = call.node().cluster;
  if (!cluster.model.extends_to_pages) return;
  call.inode().file.refresh(call.node().index);
  cluster.invalidate(call.inode(), call.node().index, kWholeFile);
}

/// Calls `attempt` (0 or an errno) until it does not say EAGAIN, where the program waits.
template <typename Attempt>
int repeat(fuse_req_t request, Call& call, bool waits, Attempt attempt) {
  int error = attempt();
  if (error != EAGAIN || !waits) return error;
  const ThreadPool::Waiting waiting;
  while (error == EAGAIN) {
    if (fuse_req_interrupted(request) != 0) return EINTR;
    if (!call.node().cluster.stop.sleep_for(kRetry)) return EIO;
    error = attempt();
  }
  return error;
}

template <typename Attempt>
void change_lock(fuse_req_t request, fuse_ino_t number, bool unlocks, bool waits, Attempt attempt) {
  Call call(request, {.operation = Operation::lock, .file = number});
  if (call.error() != 0) return void(fuse_reply_err(request, call.error()));
  call.leave();
  int error = publish_before(call);
  if (error == 0) error = repeat(request, call, waits, [&] { return attempt(call); });
  if (error == 0 && !unlocks) refresh_after(call);
  fuse_reply_err(request, error);
}

void do_setlk(fuse_req_t request, fuse_ino_t number, fuse_file_info* info, struct flock* lock,
              int waits) {
  const std::uint64_t owner = info->lock_owner;
  change_lock(request, number, lock->l_type == F_UNLCK, waits != 0, [&](Call& call) {
    return call.inode().locks.set({call.node().index, owner}, info->fh, call.inode().path.number(),
                                  *lock);
  });
}

void do_getlk(fuse_req_t request, fuse_ino_t number, fuse_file_info* info, struct flock* lock) {
  Call call(request, {.operation = Operation::lock, .file = number});
  if (call.error() != 0) return void(fuse_reply_err(request, call.error()));
  const FileLocks::Who who{call.node().index, info->lock_owner};
  const int error = call.inode().locks.get(who, call.inode().path.number(), *lock);
  error != 0 ? fuse_reply_err(request, error) : fuse_reply_lock(request, lock);
}

void do_flock(fuse_req_t request, fuse_ino_t number, fuse_file_info* info, int operation) {
  const std::uint64_t owner = info->lock_owner;
  const bool unlocks = (operation & LOCK_UN) != 0;
  change_lock(request, number, unlocks, (operation & LOCK_NB) == 0, [&](Call& call) {
    return call.inode().locks.set_flock({call.node().index, owner}, call.inode().path.number(),
                                        operation);
  });
}

}  // namespace

void fill_lock_operations(fuse_lowlevel_ops& operations) {
  operations.setlk = do_setlk;
  operations.getlk = do_getlk;
  operations.flock = do_flock;
}

}  // namespace npyrace::lab
