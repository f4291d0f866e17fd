#pragma once
// A process of our own binary, started by posix_spawn and certainly ended with us.

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace npyrace {

/// The descriptor a child finds the inherited one at.
inline constexpr int kInheritedDescriptor = 3;

class ChildProcess {
 public:
  /// Runs this very binary with `arguments`; `descriptor` becomes kInheritedDescriptor. The child
  /// is in a process group of its own, so that Ctrl-C is ours to handle. Throws SystemError.
  ChildProcess(const std::vector<std::string>& arguments, int descriptor);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  /// Kills and reaps it if it still runs.
  ~ChildProcess();

  /// The status waitpid gives, once it has ended; asks without waiting.
  std::optional<int> poll();
  void kill();

 private:
  pid_t pid_ = -1;
  std::optional<int> status_;
};

/// "exit code 3", "killed by signal 7 (Bus error)".
std::string describe_exit(int status);

}  // namespace npyrace
