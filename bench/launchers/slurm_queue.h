#pragma once
// Slurm's own commands, and what they say of one array job.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace npyrace {

/// How a task ended, or stands.
struct SlurmTask {
  std::string state;  ///< Slurm's word: PENDING, RUNNING, COMPLETED, CANCELLED, FAILED …
  int exit_code = 0;
  int signal = 0;
  std::string node;
  std::string reason;  ///< Slurm's word for why it stands where it does; "None": nothing to say
};

using SlurmTasks = std::map<std::uint64_t, SlurmTask>;

/// What `scontrol show job -o` prints, by number of the task; tasks that are only counted
/// together, because none of them has begun, are told apart. Pure.
SlurmTasks parse_slurm_tasks(const std::string& text);

/// Whether it will do nothing more.
bool has_ended(const SlurmTask& task);

/// Why there is no Slurm here; empty: there is.
std::string no_slurm_reason();

/// An array job, from submission to its end; cancelled when it is destroyed earlier.
class SlurmJob {
 public:
  /// Throws RaceError with sbatch's words, and Interrupted.
  explicit SlurmJob(const std::string& script);
  SlurmJob(const SlurmJob&) = delete;
  SlurmJob& operator=(const SlurmJob&) = delete;
  ~SlurmJob();

  const std::string& id() const { return id_; }
  /// Those that the controller still knows: it forgets them some time after their end. Nothing
  /// while it does not answer. Throws Interrupted.
  std::optional<SlurmTasks> tasks() const;
  /// Nothing is left to cancel.
  void has_ended() { ended_ = true; }

 private:
  std::string id_;
  bool ended_ = false;
};

}  // namespace npyrace
