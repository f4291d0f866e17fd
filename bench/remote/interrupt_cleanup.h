#pragma once
// Cleanup when mpirun terminates a rank, after Ctrl-C or the failure of another rank: mpirun sends
// a signal and, a second later, SIGKILL, even if the rank hangs in an MPI call.

#include <chrono>
#include <mutex>
#include <span>
#include <string>
#include <thread>

namespace npyrace {

class InterruptCleanup {
 public:
  /// Starts a watcher thread. If the process still lives `grace` after a signal that
  /// `catch_interrupts` handles, it removes the race file, writes `words` to standard error, and
  /// exits with ExitCode::trouble.
  InterruptCleanup(std::chrono::milliseconds grace, std::string words);
  InterruptCleanup(const InterruptCleanup&) = delete;
  InterruptCleanup& operator=(const InterruptCleanup&) = delete;
  ~InterruptCleanup() = default;  ///< stops the watcher

  /// Runs the same cleanup immediately.
  [[noreturn]] void execute();

  /// Sets the current race file, by a path of this rank; empty: none.
  void set_race_file(std::string path);

 private:
  void watch(const std::stop_token& stop);

  std::chrono::milliseconds grace_;
  std::string words_;
  std::mutex mutex_;
  std::string race_file_;
  std::jthread watcher_;  // last: it uses the others
};

/// True if this process is a rank other than 0 of launcher mpi, judged before MPI_Init from the
/// arguments and mpirun's environment variables. Such a rank prints nothing about its arguments:
/// rank 0 does it for all.
bool is_silent_rank(std::span<char* const> arguments);

}  // namespace npyrace
