// Data and lock operations. fcntl and flock locks are effective between all nodes; in the model of
// NFS, locking and unlocking also synchronize the node's cache, as on NFS.

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "bench/lab/server/fault_log.h"
#include "bench/lab/server/operations.h"
#include "core/file/posix_file.h"

namespace npyrace::lab {
namespace {

/// Retry interval of a blocking lock request.
constexpr std::chrono::milliseconds kRetry{2};

/// Publishes the node's writes before the lock is released.
int publish_before(Call& call) {
  Cluster& cluster = call.node().cluster;
  return cluster.model.extends_to_pages ? -cluster.publish(call.inode(), call.node().index) : 0;
}

/// Drops what the node cached before it got the lock.
void refresh_after(Call& call) {
  Cluster& cluster = call.node().cluster;
  if (!cluster.model.extends_to_pages) return;
  call.inode().file.refresh(call.node().index);
  cluster.invalidate(call.inode(), call.node().index, kWholeFile);
}

/// Repeats `attempt` (0 or an errno) while it returns EAGAIN, if the caller waits.
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

// Reading, writing, and publishing.
namespace {

/// FUSE_BUFVEC_INIT in C++: the macro needs C99 compound literals.
fuse_bufvec one_buffer(std::size_t size_bytes) {
  fuse_bufvec vector{};
  vector.count = 1;
  vector.buf[0].size = size_bytes;
  vector.buf[0].fd = -1;
  return vector;
}

void do_read(fuse_req_t request, fuse_ino_t number, std::size_t size, off_t offset,
             fuse_file_info* info) {
  const auto begin = static_cast<std::uint64_t>(offset);
  Call call(request,
            {.operation = Operation::read, .file = number, .range = {begin, begin + size}});
  if (call.error() != 0) return void(fuse_reply_err(request, call.error()));
  LabFile& file = call.inode().file;
  const int source = handle_of(*info).file.number();
  if (file.passes_through() && !call.node().cluster.schedule.damages(Operation::read)) {
    fuse_bufvec data = one_buffer(size);
    data.buf[0].flags = static_cast<fuse_buf_flags>(FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK);
    data.buf[0].fd = source;
    data.buf[0].pos = offset;
    return void(fuse_reply_data(request, &data, FUSE_BUF_SPLICE_MOVE));
  }
  std::vector<std::byte> buffer(size);
  const bool direct = (info->flags & O_DIRECT) != 0;
  const ssize_t got = file.read(call.node().index, source, begin, buffer, direct);
  if (got < 0) return void(fuse_reply_err(request, static_cast<int>(-got)));
  const auto bytes = std::span(buffer).first(static_cast<std::size_t>(got));
  if (const FaultSpec* fault = call.struck(FaultKind::old_page))
    for (const ByteRange& range : file.history().show_old(begin, bytes)) call.log(*fault, range);
  if (const FaultSpec* fault = call.struck(FaultKind::zero_page)) {
    std::fill(bytes.begin(), bytes.end(), std::byte{0});
    call.log(*fault, {begin, begin + bytes.size()});
  }
  if (const FaultSpec* fault = call.struck(FaultKind::flip)) {
    const auto bits = call.node().cluster.schedule.choose_bits(bytes.size() * 8, fault->bits);
    for (const ByteRange& range : flip_bits(bytes, begin, bits)) call.log(*fault, range);
  }
  fuse_reply_buf(request, reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

/// Splices from a pipe or memory directly to the store's file.
void splice_write(fuse_req_t request, fuse_bufvec* data, off_t offset, int target) {
  fuse_bufvec out = one_buffer(fuse_buf_size(data));
  out.buf[0].flags = static_cast<fuse_buf_flags>(FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK);
  out.buf[0].fd = target;
  out.buf[0].pos = offset;
  const ssize_t written = fuse_buf_copy(&out, data, FUSE_BUF_SPLICE_NONBLOCK);
  if (written < 0) return void(fuse_reply_err(request, static_cast<int>(-written)));
  fuse_reply_write(request, static_cast<std::size_t>(written));
}

/// The write's bytes: in place if they are in memory, else copied to `space`. Empty if `error` is
/// set.
std::span<const std::byte> bytes_of(fuse_bufvec* data, std::vector<std::byte>& space, int& error) {
  const std::size_t size = fuse_buf_size(data);
  if (data->count == 1 && (data->buf[0].flags & FUSE_BUF_IS_FD) == 0)
    return {static_cast<const std::byte*>(data->buf[0].mem), size};
  space.resize(size);
  fuse_bufvec out = one_buffer(size);
  out.buf[0].mem = space.data();
  const ssize_t copied = fuse_buf_copy(&out, data, static_cast<fuse_buf_copy_flags>(0));
  error = copied < 0 ? static_cast<int>(-copied) : 0;
  return std::span(space).first(copied < 0 ? 0 : static_cast<std::size_t>(copied));
}

/// Takes ownership of a write's buffer if the write fills most of it; a small write would waste a
/// mebibyte.
std::shared_ptr<const void> keep_if_large(std::span<const std::byte> bytes) {
  constexpr std::size_t kLargeBytes = 512u << 10;
  return bytes.size() < kLargeBytes ? nullptr : ThreadPool::keep_received(bytes);
}

WriteKind kind_of(Call& call, const fuse_file_info& info) {
  const int mode = handle_of(info).flags & O_ACCMODE;
  return {.from_page_cache = info.writepage != 0,
          .reader_too = mode == O_RDWR,
          .data_sync = (info.flags & O_DSYNC) != 0,
          .direct = (info.flags & O_DIRECT) != 0,
          .locked = call.node().cluster.model.extends_to_pages &&
                    call.inode().locks.partial_on(call.node().index)};
}

/// Writes what remains after the faults. Returns 0 or -errno.
int write_damaged(Call& call, const fuse_file_info& info, Extent whole) {
  FaultSchedule& schedule = call.node().cluster.schedule;
  const auto choose = [&](std::uint64_t bits, unsigned n) { return schedule.choose_bits(bits, n); };
  const DamagedWrite damaged = damage_write(std::move(whole), call.faults(), page_bytes(), choose);
  for (const Damage& damage : damaged.damages) {
    nlohmann::json details = nlohmann::json::object();
    if (damage.moved_to) details["moved_to"] = *damage.moved_to;
    call.log(*damage.fault, damage.range, details);
  }
  if (!damaged.write) return 0;
  return call.inode().file.write(call.node().index, handle_of(info).file.number(),
                                 damaged.write->offset_bytes, damaged.write->bytes,
                                 kind_of(call, info));
}

void do_write(fuse_req_t request, fuse_ino_t number, fuse_bufvec* data, off_t offset,
              fuse_file_info* info) {
  const auto begin = static_cast<std::uint64_t>(offset);
  const std::size_t size = fuse_buf_size(data);
  Call call(request,
            {.operation = Operation::write, .file = number, .range = {begin, begin + size}});
  if (call.error() != 0) return void(fuse_reply_err(request, call.error()));
  LabFile& file = call.inode().file;
  const int target = handle_of(*info).file.number();
  if (file.passes_through() && call.faults().empty() && !file.history().needed())
    return splice_write(request, data, offset, target);
  std::vector<std::byte> space;
  int error = 0;
  const std::span<const std::byte> bytes = bytes_of(data, space, error);
  if (error != 0) return void(fuse_reply_err(request, error));
  if (call.faults().empty())
    error = -file.write(call.node().index, target, begin, bytes, kind_of(call, *info),
                        [&] { return keep_if_large(bytes); });
  else
    error = -write_damaged(call, *info, {begin, {bytes.begin(), bytes.end()}});
  if (error != 0) return void(fuse_reply_err(request, error));
  call.node().cluster.written(call.inode(), call.node().index);
  fuse_reply_write(request, size);
}

void do_fsync(fuse_req_t request, fuse_ino_t number, int, fuse_file_info*) {
  Call call(request, {.operation = Operation::fsync, .file = number});
  if (call.error() != 0) return void(fuse_reply_err(request, call.error()));
  Node& node = call.node();
  if (const FaultSpec* fault = call.struck(FaultKind::false_fsync)) {
    for (const ByteRange& range : call.inode().file.lose_unpublished(node.index))
      call.log(*fault, range);
    return void(fuse_reply_err(request, 0));
  }
  call.leave();
  // The store is temporary, so no fsync is needed.
  const bool publishes = node.cluster.model.publication != Publication::later;
  const int error = publishes ? -node.cluster.publish(call.inode(), node.index) : 0;
  fuse_reply_err(request, error);
}

/// Called at every close of a descriptor, also of a duplicate.
void do_flush(fuse_req_t request, fuse_ino_t number, fuse_file_info* info) {
  Call call(request, {.operation = Operation::close, .file = number});
  Node& node = call.node();
  call.inode().locks.release({node.index, info->lock_owner});
  if (call.error() != 0) return void(fuse_reply_err(request, call.error()));
  call.leave();
  // The close of a read-only handle does not publish other writes of the node.
  const bool publishes = node.cluster.model.publication == Publication::at_sync_or_close &&
                         handle_of(*info).writable();
  const int error = publishes ? -node.cluster.publish(call.inode(), node.index) : 0;
  fuse_reply_err(request, error);
}

/// The last descriptor and the last mapping are gone. No program waits for this call, so faults and
/// latency do not apply.
void do_release(fuse_req_t request, fuse_ino_t, fuse_file_info* info) {
  Node& node = node_of(request);
  const std::unique_ptr<Handle> handle(&handle_of(*info));
  Inode& inode = *handle->inode;
  inode.locks.release_handle(info->fh);
  if (info->flock_release != 0) inode.locks.release({node.index, info->lock_owner});
  const LabModel& model = node.cluster.model;
  if (model.publication == Publication::at_sync_or_close && model.last_unmapping_publishes)
    node.cluster.publish(inode, node.index);
  inode.file.closed(node.index, handle->writable());
  fuse_reply_err(request, 0);
}

void do_fallocate(fuse_req_t request, fuse_ino_t number, int mode, off_t offset, off_t length,
                  fuse_file_info* info) {
  Call call(request, {.operation = Operation::meta, .file = number});
  if (call.error() != 0) return void(fuse_reply_err(request, call.error()));
  // Plain allocation changes no bytes; other modes would also have to change the nodes' pages.
  if ((mode & ~FALLOC_FL_KEEP_SIZE) != 0) return void(fuse_reply_err(request, EOPNOTSUPP));
  const int result = ::fallocate(handle_of(*info).file.number(), mode, offset, length);
  fuse_reply_err(request, result == 0 ? 0 : errno);
}

}  // namespace

void fill_data_operations(fuse_lowlevel_ops& operations) {
  operations.read = do_read;
  operations.write_buf = do_write;
  operations.fsync = do_fsync;
  operations.flush = do_flush;
  operations.release = do_release;
  operations.fallocate = do_fallocate;
}

}  // namespace npyrace::lab
