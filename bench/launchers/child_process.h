#pragma once
// A process started by posix_spawn and certainly ended with us.

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace npyrace {

/// Our own binary, whatever it is called.
inline constexpr const char* kOwnBinary = "/proc/self/exe";

/// What runs the commands of users.
inline constexpr const char* kShell = "/bin/sh";

/// The descriptor a child finds the inherited one at.
inline constexpr int kInheritedDescriptor = 3;

struct ChildRequest {
  std::string program;                        ///< a path
  std::vector<std::string> arguments;         ///< without the name of the program
  std::vector<std::string> environment = {};  ///< "NAME=VALUE", on top of our own
  int inherited_descriptor = -1;              ///< becomes kInheritedDescriptor
  int input_descriptor = -1;                  ///< standard input; -1: /dev/null
  int output_descriptor = -1;                 ///< standard output; -1: where errors go
  int error_descriptor = -1;                  ///< standard error; -1: `output_path`, or ours
  std::string working_dir = {};               ///< empty: ours
  std::string output_path = {};  ///< both outputs go there; empty: to our standard error
};

class ChildProcess {
 public:
  /// The child is in a process group of its own, so that Ctrl-C is ours to handle. Throws
  /// SystemError.
  explicit ChildProcess(const ChildRequest& request);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  /// Kills and reaps it if it still runs.
  ~ChildProcess();

  /// The status waitpid gives, once it has ended; asks without waiting.
  std::optional<int> poll();
  /// Ends it and everything it started (its process group).
  void kill();

 private:
  pid_t pid_ = -1;
  std::optional<int> status_;
};

/// True when somebody else ended the process: a signal that no mistake of its own brings. Shells
/// tell of a program that was killed as exit code 128 + signal.
bool was_killed(int status);

/// A store into a mapping beyond the end of its file, or one for which the system had no space; the
/// process itself, or its program as a shell tells of it.
bool is_bus_error(int status);

/// "exit code 3", "killed by signal 9 (Killed)".
std::string describe_exit(int status);

}  // namespace npyrace
