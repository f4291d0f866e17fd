#pragma once
// Assigns one share of the array to an uncoordinated job: finds its worker number in --worker I/N
// or in the batch system's environment, and claims that share with a lock file. Workers are counted
// from 0.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "bench/launchers/job_record.h"

namespace npyrace {

/// Environment variables in which a batch system gives a task its number in an array job.
struct QueueRow {
  const char* variable;        ///< number of this task
  std::uint64_t first;         ///< number of the first task, if no variable gives it
  const char* first_variable;  ///< number of the first task; nullptr: not provided
  const char* last_variable;   ///< number of the last task; nullptr: not provided
  const char* step_variable;   ///< difference between task numbers; nullptr: not provided, 1
  const char* count_variable;  ///< number of tasks; nullptr: not provided
  std::uint64_t least = 0;     ///< smallest number of a task
};

/// The one table of batch systems, in the order in which they are tried.
std::span<const QueueRow> queue_table();

/// Looks up an environment variable; returns nothing when it is unset.
using Variables = std::function<std::optional<std::string>(const char* name)>;

struct WorkerNumber {
  std::uint64_t number = 0;
  std::optional<std::uint64_t> of;  ///< number of workers, if given
  std::string source;               ///< for messages: "--worker 3/4", "SLURM_ARRAY_TASK_ID=3"
  /// The same in a job script, counted from 0: "$SLURM_ARRAY_TASK_ID", "$((SGE_TASK_ID-1))".
  std::string expression = {};              ///< empty: it was typed
  std::optional<std::uint64_t> tasks = {};  ///< tasks of the array job, if the batch system says
  bool even = true;  ///< task numbers are equally spaced, as the batch system claims
};

/// `typed` is the argument of --worker ("3/4", "3"), or empty. Throws UsageError when neither it
/// nor the environment gives a number, and when two batch systems give different ones.
WorkerNumber worker_number(const std::string& typed, const Variables& environment);

/// Throws UsageError unless the number is below `writers` and, if it comes from a batch system, the
/// array job has exactly `writers` tasks: a job of any other size would leave shares unwritten or
/// write shares of others.
void require_worker(const WorkerNumber& worker, std::uint64_t writers, const std::string& file);

// One share may be written by one job at a time. The claim file is locked while the job lives, so a
// dead job never blocks its successor. Where locks do not reach (no lock service, or node-local
// locks), two jobs may write the same share at once; each detects that afterwards from the claim
// file and reports it.

class Claim {
 public:
  /// Takes the share whose claim file is `path`. Throws FormatError if another job holds it for
  /// certain, by its lock or, without locks, as a running process of this machine; SystemError if
  /// the file cannot be written.
  Claim(std::string path, JobAttempt mine);
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim();

  const JobAttempt& mine() const { return mine_; }
  /// The previous attempt at this share, finished or not.
  const std::optional<JobAttempt>& before() const { return before_; }

  /// The attempt that has replaced this one in the claim file; empty: none. It can exist only where
  /// locks do not work.
  std::optional<JobAttempt> taken_since() const;

 private:
  void write();

  std::string path_;
  JobAttempt mine_;
  std::optional<JobAttempt> before_;
  int descriptor_ = -1;
};

}  // namespace npyrace
