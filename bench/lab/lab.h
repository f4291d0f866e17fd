#pragma once
// A lab that runs: mounts of its nodes, and the store behind them. The file system itself lives in
// a server process of its own, so that nothing that happens to a writer, or to us, can deadlock on
// our own mounts.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/lab/plan.h"

namespace npyrace {

class Lab {
 public:
  /// Tidies up after dead labs, starts the server, and returns when everything is mounted.
  /// REQUIRES: check(plan) passed. Throws SystemError, or std::runtime_error with one line that
  /// says what is missing and what to do.
  explicit Lab(const LabPlan& plan);
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;
  /// Unmounts and removes everything, the store too; at the latest after some ten seconds.
  ~Lab();

  /// One directory a node, in order.
  const std::vector<std::string>& mounts() const;
  /// The directory that all nodes share: what it holds is what was kept.
  const std::string& store() const;

  /// Publishes what nodes still hold back: the store afterwards is what it would be much later.
  /// Throws std::runtime_error when the server is gone.
  void settle();

  /// The same in models that publish what was synced or closed some time later; in others nothing:
  /// what a node still holds back there was never synced. Throws as settle does.
  void settle_synced();

  /// Publishes, and makes every node forget its cached pages: what POSIX_FADV_DONTNEED does on a
  /// real client, which a FUSE server does not hear of.
  void drop_caches();

  /// Tells the server which process group to end should this process be killed; 0: none.
  void guard(int process_group);

  /// Ends every operation that still waits, as if the power had been cut: the mounts are dead
  /// afterwards. For a process that even SIGKILL does not end while an operation hangs.
  void abort();

  /// Readable (end of file) as soon as the server is gone; for poll.
  int server_descriptor() const;

  /// How many faults have struck; nothing when the server is gone.
  std::optional<std::uint64_t> faults_struck();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// An empty text where a lab can run here, otherwise one line: what is missing and what to do.
std::string why_no_lab();

}  // namespace npyrace
