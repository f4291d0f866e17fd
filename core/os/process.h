#pragma once
// Starting child processes and describing how they ended. Always by posix_spawn: a plain fork is
// not safe in a process that uses OpenMP.

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace npyrace::lab {

struct SpawnRequest {
  std::vector<std::string> arguments;  ///< argv; the program is searched in PATH
  std::vector<std::pair<std::string, std::string>> environment = {};  ///< added to our environment
  /// Pairs of our descriptor and its number in the child.
  std::vector<std::pair<int, int>> descriptors = {};
  /// New process group, so that all its processes can be signalled together.
  bool own_group = false;
  bool quiet = false;  ///< no input from and no output to the terminal
};

/// Starts a child with default signal handling. Returns nothing and sets errno on failure.
std::optional<pid_t> spawn(const SpawnRequest& request);

/// Waits for the child and returns waitpid's status.
int wait_for_exit(pid_t child);

/// The exit code as a shell reports it: the code itself, or 128 plus the signal number.
int exit_code_of(int wait_status);

}  // namespace npyrace::lab

namespace npyrace {

// A child process that never outlives us.

/// Path of our own binary.
inline constexpr const char* kOwnBinary = "/proc/self/exe";

/// The shell that runs user commands.
inline constexpr const char* kShell = "/bin/sh";

/// Number of the inherited descriptor in the child.
inline constexpr int kInheritedDescriptor = 3;

struct ChildRequest {
  std::string program;                        ///< path of the binary
  std::vector<std::string> arguments;         ///< without argv[0]
  std::vector<std::string> environment = {};  ///< "NAME=VALUE", added to our environment
  int inherited_descriptor = -1;              ///< becomes kInheritedDescriptor; -1: none
  int input_descriptor = -1;                  ///< standard input; -1: /dev/null
  int output_descriptor = -1;                 ///< standard output; -1: the same as standard error
  int error_descriptor = -1;                  ///< standard error; -1: `output_path`, or ours
  std::string working_dir = {};               ///< empty: ours
  std::string output_path = {};               ///< file for both outputs; empty: our standard error
};

class ChildProcess {
 public:
  /// Starts the child in a process group of its own, so that Ctrl-C reaches only us. Throws
  /// SystemError.
  explicit ChildProcess(const ChildRequest& request);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  /// Kills and reaps the child if it is still running.
  ~ChildProcess();

  /// The wait status if the child has exited; does not block.
  std::optional<int> poll();
  /// Kills the child's whole process group.
  void kill();

 private:
  pid_t pid_ = -1;
  std::optional<int> status_;
};

/// True if the process was killed from outside, by a signal that its own errors do not cause. Also
/// recognises exit code 128 + signal, by which shells report a killed program.
bool was_killed(int status);

/// True if the process died of SIGBUS (a store into a mapping beyond the end of its file, or
/// without free space), directly or as reported by a shell.
bool is_bus_error(int status);

/// Formats "exit code 3", "killed by signal 9 (Killed)".
std::string describe_exit(int status);

/// Lets the kernel kill this process when its parent, with process id `parent`, ends; exits at once
/// if it has already ended.
void die_with_parent(int parent);

}  // namespace npyrace
