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

/// Lines that `sacct` and `squeue` print as JOB_TASK|STATE|EXIT:SIGNAL|NODE, of the array job
/// `number`; other lines are left out. Pure.
SlurmTasks parse_slurm_rows(const std::string& text, const std::string& number);

/// Whether it will do nothing more.
bool has_ended(const SlurmTask& task);

/// An array job and the cluster that has it; empty: the one that is asked anyway.
struct SlurmJobName {
  std::string number, cluster;

  friend bool operator==(const SlurmJobName&, const SlurmJobName&) = default;
};

/// Reads the output of `sbatch --parsable`: a line "NUMBER" or "NUMBER;CLUSTER", among lines that a
/// site adds; or, of a wrapper that drops the option, "Submitted batch job NUMBER [on cluster
/// CLUSTER]". Nothing where there is none, or several that differ. Pure.
std::optional<SlurmJobName> parse_submission(const std::string& text);

/// Slurm's answer about a job.
struct SlurmAnswer {
  enum class Knows {
    job,       ///< the controller has it; tasks it does not name have ended, or were cancelled
    some,      ///< the controller does not have it; what is known of tasks is from elsewhere
    nothing,   ///< nobody has it: it may run all the same, as where the controller was started anew
    no_answer  ///< as while the controller is away
  };
  Knows knows = Knows::no_answer;
  SlurmTasks tasks;
  std::string words;  ///< of the controller, where it does not have the job
};

/// Why there is no Slurm here; empty: there is.
std::string no_slurm_reason();

/// An array job, from submission to its end; cancelled when it is destroyed earlier.
class SlurmJob {
 public:
  /// Submits a script that makes so many tasks. Throws RaceError with sbatch's words where it
  /// submitted nothing, and SystemError.
  SlurmJob(const std::string& script, std::uint64_t tasks);
  SlurmJob(const SlurmJob&) = delete;
  SlurmJob& operator=(const SlurmJob&) = delete;
  ~SlurmJob();

  /// For people: "17", "17 on cluster east".
  std::string name() const;
  /// Throws Interrupted and SystemError.
  SlurmAnswer ask() const;
  /// Why there may be a job, and no waiting for it: sbatch failed after it had submitted one, or
  /// printed no number. Empty: all is well.
  const std::string& problem() const { return problem_; }
  /// Nothing is left to cancel.
  void has_ended() { ended_ = true; }
  /// Cancels the job and waits until it has ended. Returns whether that is certain: where it is
  /// not, tasks may still write.
  bool cancel() noexcept;

 private:
  bool wait_until_ended();
  SlurmAnswer ask_while(bool tidies_up) const;
  SlurmTasks rows_of(const std::string& command, bool tidies_up) const;
  SlurmTasks ask_queue(bool tidies_up) const;
  SlurmAnswer ask_others(bool tidies_up, const std::string& words) const;

  SlurmJobName name_;
  std::uint64_t tasks_ = 0;
  std::string problem_;
  bool ended_ = false;
};

}  // namespace npyrace
