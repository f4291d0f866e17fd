#pragma once
// A running lab: the mounts of its nodes and the store behind them. The FUSE file system runs in a
// separate server process, so that neither npyrace nor a writer can deadlock on its own mount.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/lab/plan.h"

namespace npyrace {

class Lab {
 public:
  /// Removes leftovers of dead labs, starts the server, and returns when all nodes are mounted.
  /// REQUIRES: check(plan) passed. Throws SystemError, or std::runtime_error with one line that
  /// names the missing requirement and the remedy.
  explicit Lab(const LabPlan& plan);
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;
  /// Unmounts and removes everything including the store, within about ten seconds.
  ~Lab();

  /// One directory per node, in order.
  const std::vector<std::string>& mounts() const;
  /// The directory behind all mounts; it holds the data that were published.
  const std::string& store() const;

  /// Publishes all unpublished writes of all nodes, so that the store has its final content. Throws
  /// std::runtime_error when the server has died.
  void settle();

  /// As settle, but only in models that publish synced or closed data with a delay. In the others
  /// it does nothing: unpublished bytes were never synced there. Throws as settle does.
  void settle_synced();

  /// Publishes all writes and drops the cached pages of every node. A FUSE server is not notified
  /// of POSIX_FADV_DONTNEED, which would do that on a real client.
  void drop_caches();

  /// Sets the process group that the server kills if this process dies; 0: none.
  void guard(int process_group);

  /// Aborts all pending operations; afterwards the mounts are unusable. Needed for processes that
  /// SIGKILL does not end while an operation hangs.
  void abort();

  /// Becomes readable (end of file) when the server exits; for poll.
  int server_descriptor() const;

  /// False when the server has exited, so that its mounts show errors instead of files.
  bool is_alive() const;

  /// Number of faults that have struck; nothing when the server has died.
  std::optional<std::uint64_t> faults_struck();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Returns an empty string if a lab can run here, otherwise one line with the missing requirement
/// and the remedy.
std::string why_no_lab();

}  // namespace npyrace
