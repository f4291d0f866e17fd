#pragma once
// Starting child processes and describing how they ended. They are started by posix_spawn, because
// a plain fork is not safe in a process that uses OpenMP.

#include <sys/types.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace npyrace {

/// Path of our own binary.
inline constexpr const char* kOwnBinary = "/proc/self/exe";

/// The shell that runs user commands.
inline constexpr const char* kShell = "/bin/sh";

/// Number of the inherited descriptor in a child that receives one.
inline constexpr int kInheritedDescriptor = 3;

/// In place of a descriptor: /dev/null.
inline constexpr int kNull = -1;

struct SpawnRequest {
  std::vector<std::string> arguments;         ///< argv; the program is searched in PATH
  std::vector<std::string> environment = {};  ///< "NAME=VALUE", added to our environment
  int input = kNull;                          ///< descriptor that becomes standard input
  int output = STDERR_FILENO;                 ///< by default the same as standard error
  int error = STDERR_FILENO;
  /// Pairs of our descriptor and its number in the child.
  std::vector<std::pair<int, int>> descriptors = {};
  std::string working_dir = {};  ///< empty: ours
  std::string output_path = {};  ///< file for standard error; empty: none
  /// The child stays in our process group and keeps ignoring the signals that our parent ignored,
  /// as if our parent had started it.
  bool in_our_place = false;
};

/// Starts a child, usually with default signal handling, and in a process group of its own, so that
/// Ctrl-C reaches only us and all its processes can be signalled together. Returns nothing and sets
/// errno on failure.
std::optional<pid_t> spawn(const SpawnRequest& request);

/// Waits for the child and returns waitpid's status.
int wait_for_exit(pid_t child);

/// The exit code as a shell reports it: the code itself, or 128 plus the signal number.
int shell_exit_code(int wait_status);

// A child process that is killed when its ChildProcess is destroyed.

class ChildProcess {
 public:
  /// Throws SystemError.
  explicit ChildProcess(const SpawnRequest& request);
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

/// Tells the kernel that this process, with the threads and children it starts afterwards, serves a
/// file system: when it needs memory, it must not wait for dirty pages of that file system, which
/// only it can clean. Without the capability CAP_SYS_RESOURCE nothing happens. prctl(2),
/// PR_SET_IO_FLUSHER.
void serve_a_file_system();

/// Raises our limit of open files as far as the system allows: shells set a low one (1024) for
/// programs that use select(). Children inherit it.
void allow_many_files();

}  // namespace npyrace
