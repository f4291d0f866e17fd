#pragma once
// Starting other programs: always posix_spawn, never a bare fork, which would not survive OpenMP.

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace npyrace::lab {

struct SpawnRequest {
  std::vector<std::string> arguments;  ///< the program first, found in PATH
  std::vector<std::pair<std::string, std::string>> environment = {};  ///< added to ours
  std::vector<std::pair<int, int>> descriptors = {};                  ///< ours → the number there
  bool own_group = false;  ///< a process group of its own, so that it can be signalled as a whole
  bool quiet = false;      ///< nothing is read from or written to the terminal
};

/// The child starts with default signals. Nothing, with errno, where it cannot be started.
std::optional<pid_t> spawn(const SpawnRequest& request);

/// What waitpid says.
int wait_for_exit(pid_t child);

/// What a shell would return: the exit code, or 128 and the signal.
int exit_code_of(int wait_status);

}  // namespace npyrace::lab

namespace npyrace {

// A process started by posix_spawn and certainly ended with us.

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

/// From now on the kernel kills this process when its parent, whose id was `parent`, ends; at once
/// if it has ended already.
void die_with_parent(int parent);

}  // namespace npyrace
