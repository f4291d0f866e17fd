#pragma once
// Scans the mappings of running watched processes from outside, so that the stores of a killed
// process are known up to its last second.

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "core/file/byte_ranges.h"

namespace npyrace::watch {

class Supervisor {
 public:
  /// Scans processes that log into `folder` and descend from a child of this process.
  explicit Supervisor(std::string folder) : folder_(std::move(folder)) {}

  /// Waits for the child and meanwhile scans about once a second. Returns waitpid's status.
  int wait_for(pid_t child);

 private:
  /// Pages stored to since the process's own last scan, by index of the mapping in its log.
  using Stores = std::map<std::size_t, std::vector<ByteRange>>;

  void look();
  void look_at(const std::string& log_path);
  /// Adds the scanned pages to the logs of processes that ended without a last scan of their own.
  void complete_logs() const;

  std::string folder_;
  std::map<std::string, Stores> seen_;  ///< by path of the log
};

}  // namespace npyrace::watch
