#pragma once
// Submits, queries and cancels a Slurm array job by Slurm's commands, and parses their output.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace npyrace {

/// State of one task of an array job.
struct SlurmTask {
  std::string state;  ///< as Slurm prints it: PENDING, RUNNING, COMPLETED, CANCELLED, FAILED …
  int exit_code = 0;
  int signal = 0;
  std::string node;
  std::string reason;  ///< Slurm's reason for that state; "None": no reason
};

using SlurmTasks = std::map<std::uint64_t, SlurmTask>;

/// Parses the output of `scontrol show job -o`; keys are task numbers. Pending tasks, which Slurm
/// prints as one range, are expanded. Pure.
SlurmTasks parse_slurm_tasks(const std::string& text);

/// Parses lines JOB_TASK|STATE|EXIT:SIGNAL|NODE, as printed by `sacct` and `squeue`, of the array
/// job `number`; ignores other lines. Pure.
SlurmTasks parse_slurm_rows(const std::string& text, const std::string& number);

/// True if the task is in a final state.
bool has_ended(const SlurmTask& task);

/// A job number and its cluster; an empty cluster is the default one.
struct SlurmJobName {
  std::string number, cluster;

  friend bool operator==(const SlurmJobName&, const SlurmJobName&) = default;
};

/// Parses the output of `sbatch --parsable`: a line "NUMBER" or "NUMBER;CLUSTER", among lines that
/// a site adds; or, from a wrapper that drops the option, "Submitted batch job NUMBER [on cluster
/// CLUSTER]". Returns nothing if there is none or several differ. Pure.
std::optional<SlurmJobName> parse_submission(const std::string& text);

/// Result of querying a job.
struct SlurmAnswer {
  enum class Knows {
    job,       ///< the controller knows it; tasks it does not list have ended or were cancelled
    some,      ///< the controller does not know it; tasks come from sacct or squeue
    nothing,   ///< unknown everywhere; it may still run, e.g. after a restart of the controller
    no_answer  ///< no reply, e.g. while the controller is down
  };
  Knows knows = Knows::no_answer;
  SlurmTasks tasks;
  std::string words;  ///< the controller's message if it does not know the job
};

/// Why Slurm is unavailable here; empty: available.
std::string no_slurm_reason();

/// Owns an array job; the destructor cancels it unless it has ended.
class SlurmJob {
 public:
  /// Submits a script that creates `tasks` tasks. Throws RaceError with sbatch's message if nothing
  /// was submitted, and SystemError.
  SlurmJob(const std::string& script, std::uint64_t tasks);
  SlurmJob(const SlurmJob&) = delete;
  SlurmJob& operator=(const SlurmJob&) = delete;
  ~SlurmJob();

  /// For messages: "17", "17 on cluster east".
  std::string name() const;
  /// Queries the state of all tasks. Throws Interrupted and SystemError.
  SlurmAnswer ask() const;
  /// Why the job cannot be waited for although one may exist: sbatch failed after it had submitted
  /// one, or printed no number. Empty: no problem.
  const std::string& problem() const { return problem_; }
  /// Records that the job has ended, so that the destructor does not cancel it.
  void has_ended() { ended_ = true; }
  /// Cancels the job and waits for its end. Returns false if the end could not be confirmed: tasks
  /// may still write.
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
