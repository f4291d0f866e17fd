#pragma once
// What a rank does when mpirun ends it: because of Ctrl-C, or because another rank has died. It
// gets a signal, and a second later SIGKILL, whatever MPI call it hangs in.

#include <chrono>
#include <mutex>
#include <span>
#include <string>
#include <thread>

namespace npyrace {

class LastWill {
 public:
  /// When a signal that `catch_interrupts` catches came and the process still lives after `grace`,
  /// the race file is removed, `words` go to standard error, and the process ends with the exit
  /// code of trouble.
  LastWill(std::chrono::milliseconds grace, std::string words);
  LastWill(const LastWill&) = delete;
  LastWill& operator=(const LastWill&) = delete;
  ~LastWill() = default;  ///< nothing happens any more

  /// At once.
  [[noreturn]] void execute();

  /// The race file that is there now, by a path of this rank; empty: none.
  void set_race_file(std::string path);

 private:
  void watch(const std::stop_token& stop);

  std::chrono::milliseconds grace_;
  std::string words_;
  std::mutex mutex_;
  std::string race_file_;
  std::jthread watcher_;  // last: it uses the others
};

/// Whether this process is a rank other than 0 of a run with launcher mpi, as far as can be told
/// before MPI has begun: from what was typed, and what mpirun leaves in the environment. Rank 0
/// speaks for all about what they have all been told.
bool is_silent_rank(std::span<char* const> arguments);

}  // namespace npyrace
