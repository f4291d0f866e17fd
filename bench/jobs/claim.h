#pragma once
// One share is one job's at a time. A lock says so where locks reach, and goes with the process
// that holds it, however that ends: a dead job never keeps a new one out. Where they do not reach
// (no lock service, another node on a file system that locks locally), two may run at once: then
// each can still tell afterwards, and says it.

#include <optional>
#include <string>

#include "bench/jobs/job_record.h"

namespace npyrace {

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
