#include "bench/lab/server/operations.h"

namespace npyrace::lab {
namespace {

/// Limit of concurrent write-back requests of one kernel; libfuse's default slows down mmap.
constexpr unsigned kMostBackgroundRequests = 64;

void do_init(void* data, fuse_conn_info* connection) {
  const Cluster& cluster = static_cast<Node*>(data)->cluster;
  // The model alone decides when cached pages are outdated, not time stamps.
  connection->want &= ~static_cast<unsigned>(FUSE_CAP_AUTO_INVAL_DATA);
  connection->want &= ~static_cast<unsigned>(FUSE_CAP_WRITEBACK_CACHE);
  if (cluster.model.kernel_write_back)
    connection->want |= connection->capable & FUSE_CAP_WRITEBACK_CACHE;
  constexpr unsigned kLocks = FUSE_CAP_POSIX_LOCKS | FUSE_CAP_FLOCK_LOCKS;
  if (cluster.plan.local_locks)
    connection->want &= ~kLocks;  // each mount's kernel then handles locks locally
  else
    connection->want |= connection->capable & kLocks;
  // Splicing is useless if the server needs the bytes in memory.
  const bool looks = cluster.model.publication != Publication::at_write ||
                     cluster.schedule.damages(Operation::write);
  if (looks) connection->want &= ~static_cast<unsigned>(FUSE_CAP_SPLICE_READ);
  connection->max_background = kMostBackgroundRequests;
  connection->time_gran = 1;
}

fuse_lowlevel_ops make_operations() {
  fuse_lowlevel_ops operations{};
  operations.init = do_init;
  fill_name_operations(operations);
  fill_open_operations(operations);
  fill_data_operations(operations);
  fill_lock_operations(operations);
  return operations;
}

}  // namespace

const fuse_lowlevel_ops& lab_operations() {
  static const fuse_lowlevel_ops operations = make_operations();
  return operations;
}

}  // namespace npyrace::lab
