#pragma once
// Looks at the mappings of running watched processes from outside, so that the stores of a process
// that is killed are known up to its last second.

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "core/file/byte_ranges.h"

namespace npyrace::watch {

class Supervisor {
 public:
  /// Looks at processes that log into `folder` and descend from a child of this process.
  explicit Supervisor(std::string folder) : folder_(std::move(folder)) {}

  /// Waits for the child and meanwhile looks about once a second. Returns waitpid's status.
  int wait_for(pid_t child);

 private:
  /// Stored pages by index of the mapping in the process's log, since its own last look.
  using Stores = std::map<std::size_t, std::vector<ByteRange>>;

  void look();
  void look_at(const std::string& log_path);
  /// Adds what was seen to the logs of processes that ended without a last look of their own.
  void complete_logs() const;

  std::string folder_;
  std::map<std::string, Stores> seen_;  ///< by path of the log
};

}  // namespace npyrace::watch
