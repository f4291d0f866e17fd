#pragma once
// A node of the lab (a FUSE session with its mount and threads), and the state that all nodes
// share.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "bench/lab/fault.h"
#include "bench/lab/plan.h"
#include "bench/lab/server/fault_log.h"
#include "bench/lab/server/gate.h"
#include "bench/lab/server/inode.h"
#include "bench/lab/server/thread_pool.h"

struct fuse_session;

namespace npyrace::lab {

class Node;

/// State shared by all nodes.
class Cluster {
 public:
  Cluster(const LabPlan& plan, const std::string& store);

  /// Writes the node's unpublished bytes of the file to the store and notifies the other nodes as
  /// the model requires. Returns 0 or -errno. Do not call it while the kernel may hold a page of
  /// the file for a write that waits for us: that would deadlock.
  int publish(Inode& inode, unsigned node);
  /// Called after each write: schedules a publication if the model publishes automatically.
  void written(Inode& inode, unsigned node);
  /// Publishes everything that is unpublished.
  void publish_all();
  /// Publishes everything and drops the cached pages of every node.
  void drop_caches();

  /// Invalidates cached pages of the range in a node's kernel. Waits for that kernel's pending
  /// writes: do not call it with a lock that serving them needs.
  void invalidate(Inode& inode, unsigned node, ByteRange range);

  /// Schedules a notification of the other kernels that a name was removed, so that they release
  /// the deleted file and its space. It is delayed because a kernel may hold the folder's lock
  /// while it waits for us.
  void name_removed(Inode& folder, const std::string& name, unsigned node);

  /// Path relative to the store, for faults and their log.
  std::string file_name(const Inode& inode) const;

  const LabPlan plan;
  const LabModel& model;
  const std::string store;
  Stop stop;
  FaultSchedule schedule;
  FaultLog log;
  Gate gate;
  InodeTable inodes;
  std::vector<Node*> nodes;  ///< filled once, before any node serves
  Later later;               ///< last member: its actions use the others

  Duration age() const;

 private:
  void tell_others(Inode& inode, unsigned writer, ByteRange range);

  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

class Node {
 public:
  /// Mounts the node. Throws SystemError.
  Node(Cluster& cluster, unsigned index, const std::string& mount);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  /// Unmounts and joins the threads.
  ~Node();

  /// Starts serving. All nodes of the cluster must exist: operations notify the other kernels.
  void serve() { pool_->start(); }
  ThreadPool& pool() { return *pool_; }
  fuse_session* session() const { return session_; }

  Cluster& cluster;
  const unsigned index;
  const std::string mount;

 private:
  fuse_session* session_ = nullptr;
  std::unique_ptr<ThreadPool> pool_;
};

}  // namespace npyrace::lab
