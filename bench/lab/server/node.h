#pragma once
// One node of the lab: a FUSE session with its mount, its threads, and what all nodes share.

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

/// What the nodes share.
class Cluster {
 public:
  Cluster(const LabPlan& plan, const std::string& store);

  /// The node's unpublished bytes of the file go to the store, and the others learn of it as the
  /// model says. 0 or -errno. Never call it while the kernel may hold a page of the file for a
  /// write that is waiting for us.
  int publish(Inode& inode, unsigned node);
  /// The node wrote: where the model publishes by itself, that is on its way.
  void written(Inode& inode, unsigned node);
  /// Everything that is not published yet.
  void publish_all();
  /// Publishes, and makes every node forget what it has cached.
  void drop_caches();

  /// Tells a node's kernel that its cached pages of the range are old. Waits for that kernel's
  /// writes that are on their way: never call it with a lock that serving one of them needs.
  void invalidate(Inode& inode, unsigned node, ByteRange range);

  /// Soon tells the other nodes' kernels that a name is gone, so that nobody keeps the deleted file
  /// and its space. Not at once: a kernel may hold the folder while it waits for us.
  void name_removed(Inode& folder, const std::string& name, unsigned node);

  /// Relative to the store; for faults and their log.
  std::string file_name(const Inode& inode) const;

  const LabPlan plan;
  const LabModel& model;
  const std::string store;
  Stop stop;
  FaultSchedule schedule;
  FaultLog log;
  Gate gate;
  InodeTable inodes;
  std::vector<Node*> nodes;  ///< filled once, before any serves
  Later later;               ///< last: its actions use the rest

  Duration age() const;

 private:
  void tell_others(Inode& inode, unsigned writer, ByteRange range);

  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

class Node {
 public:
  /// Mounts. Throws SystemError.
  Node(Cluster& cluster, unsigned index, const std::string& mount);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  /// Unmounts and ends the threads.
  ~Node();

  /// Before it, every node of the cluster must be there: operations ask the others' kernels.
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
