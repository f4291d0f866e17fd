#pragma once
// Which share of the array is one job's: from --worker I/N, or from what the queue told the job.
// Workers are counted from 0.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "bench/launchers/job_record.h"

namespace npyrace {

/// Where a batch system says which task of an array job this is.
struct QueueRow {
  const char* variable;        ///< the number of this task
  std::uint64_t first;         ///< the number of the first one, where no variable says it
  const char* first_variable;  ///< the number of the first one; nullptr: not told
  const char* last_variable;   ///< the number of the last one; nullptr: not told
  const char* step_variable;   ///< from one number to the next; nullptr: not told, 1
  const char* count_variable;  ///< how many tasks there are; nullptr: not told
};

/// The one table of batch systems, in the order in which they are asked.
std::span<const QueueRow> queue_table();

/// A variable of the environment; nothing when it is not set.
using Variables = std::function<std::optional<std::string>(const char* name)>;

struct WorkerNumber {
  std::uint64_t number = 0;
  std::optional<std::uint64_t> of;  ///< how many there are, where that was said
  std::string source;               ///< for messages: "--worker 3/4", "SLURM_ARRAY_TASK_ID=3"
  std::string variable = {};        ///< of the environment; empty: --worker was typed
  std::optional<std::uint64_t> tasks = {};  ///< of the array job, where the queue tells
  bool even = true;  ///< their numbers are as far from each other as the queue says
};

/// `typed` is what follows --worker ("3/4", "3"), or empty. Throws UsageError when neither it nor
/// the environment names a worker, and when two queues name different ones.
WorkerNumber worker_number(const std::string& typed, const Variables& environment);

/// Throws UsageError unless the number is one of an array made for `writers` of them; and where the
/// number comes from a queue, unless the array job has as many tasks: part of an array job, or one
/// more, would write the shares of others.
void require_worker(const WorkerNumber& worker, std::uint64_t writers, const std::string& file);

// One share is one job's at a time. A lock says so where locks reach, and goes with the process
// that holds it, however that ends: a dead job never keeps a new one out. Where they do not reach
// (no lock service, another node on a file system that locks locally), two may run at once: then
// each can still tell afterwards, and says it.

class Claim {
 public:
  /// Takes the share of the worker whose claim lies at `path`. Throws FormatError when somebody
  /// else certainly holds it now, SystemError when the file cannot be written.
  Claim(std::string path, JobAttempt mine);
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim();

  const JobAttempt& mine() const { return mine_; }
  /// Who held it before, finished or not.
  const std::optional<JobAttempt>& before() const { return before_; }

  /// Who has taken it since, behind our back.
  std::optional<JobAttempt> taken_since() const;

 private:
  void write();

  std::string path_;
  JobAttempt mine_;
  std::optional<JobAttempt> before_;
  int descriptor_ = -1;
};

}  // namespace npyrace
