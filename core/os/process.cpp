#include "core/os/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

#include "core/base/error.h"

namespace npyrace {
namespace {

/// argv or envp for posix_spawn; valid while the strings are.
std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Each name occurs once in the result, because shells differ in which of two equal names they use.
std::vector<std::string> merged_environment(const std::vector<std::string>& added) {
  std::vector<std::string> merged = added;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::string_view name = text.substr(0, text.find('=') + 1);
    if (std::ranges::none_of(added, [&](const auto& entry) { return entry.starts_with(name); }))
      merged.emplace_back(text);
  }
  return merged;
}

/// Owns posix_spawn's file actions and attributes.
struct SpawnSettings {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;

  explicit SpawnSettings(const SpawnRequest& request) {
    posix_spawn_file_actions_init(&files);
    set_stream(request.input, STDIN_FILENO, O_RDONLY);
    if (!request.working_dir.empty())
      posix_spawn_file_actions_addchdir_np(&files, request.working_dir.c_str());
    for (const auto& [ours, theirs] : request.descriptors)
      posix_spawn_file_actions_adddup2(&files, ours, theirs);
    if (request.output_path.empty())
      set_stream(request.error, STDERR_FILENO, O_WRONLY);
    else
      posix_spawn_file_actions_addopen(&files, STDERR_FILENO, request.output_path.c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC, 0600);
    set_stream(request.output, STDOUT_FILENO, O_WRONLY);
    posix_spawnattr_init(&attributes);
    set_signals(request.in_our_place);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }

 private:
  void set_signals(bool in_our_place) {
    const int group = in_our_place ? 0 : POSIX_SPAWN_SETPGROUP;
    posix_spawnattr_setflags(
        &attributes, static_cast<short>(group | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    posix_spawnattr_setpgroup(&attributes, 0);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    // A signal that is ignored stays ignored in the child: main ignores these two, for itself.
    sigaddset(&signals, SIGPIPE);
    sigaddset(&signals, SIGXFSZ);
    if (!in_our_place) sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
  }

  void set_stream(int ours, int theirs, int access) {
    if (ours == kNull)
      posix_spawn_file_actions_addopen(&files, theirs, "/dev/null", access, 0);
    else if (ours != theirs)
      posix_spawn_file_actions_adddup2(&files, ours, theirs);
  }
};

}  // namespace

std::optional<pid_t> spawn(const SpawnRequest& request) {
  std::vector<std::string> arguments = request.arguments;
  std::vector<std::string> environment = merged_environment(request.environment);
  const SpawnSettings settings(request);
  pid_t child = -1;
  errno = ::posix_spawnp(&child, arguments[0].c_str(), &settings.files, &settings.attributes,
                         pointers_to(arguments).data(), pointers_to(environment).data());
  return errno == 0 ? std::optional(child) : std::nullopt;
}

int wait_for_exit(pid_t child) {
  int status = 0;
  uninterrupted([&] { return ::waitpid(child, &status, 0); });
  return status;
}

int shell_exit_code(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

ChildProcess::ChildProcess(const SpawnRequest& request) {
  const auto child = spawn(request);
  if (child)
    pid_ = *child;
  else if (errno == EAGAIN)
    throw SystemError({request.arguments.front(),
                       "start a process (see ulimit -u, and the limit of a container)"},
                      errno);
  else
    throw SystemError({request.arguments.front(), "posix_spawn"}, errno);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), status_(other.status_) {}

ChildProcess::~ChildProcess() {
  if (pid_ < 0 || poll()) return;
  kill();
  // A process that hangs on a dead server cannot be killed: wait at most two seconds.
  for (int tries = 0; tries < 200 && !poll(); ++tries) {
    const timespec pause{.tv_sec = 0, .tv_nsec = 10'000'000};
    ::nanosleep(&pause, nullptr);
  }
}

std::optional<int> ChildProcess::poll() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

void ChildProcess::kill() {
  if (!status_) ::kill(-pid_, SIGKILL);
}

bool was_killed(int status) {
  constexpr int kShellOffset = 128;
  const int number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) - kShellOffset;
  return number == SIGKILL || number == SIGTERM || number == SIGINT || number == SIGHUP ||
         number == SIGQUIT;
}

bool is_bus_error(int status) {
  constexpr int kShellOffset = 128;
  return WIFSIGNALED(status) ? WTERMSIG(status) == SIGBUS
                             : WEXITSTATUS(status) == kShellOffset + SIGBUS;
}

std::string describe_exit(int status) {
  if (!WIFSIGNALED(status)) return fmt::format("exit code {}", WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  // A failed store into a mapping has no errno. Allocation before the race prevents a lack of
  // space, except on copy-on-write file systems such as btrfs.
  const char* meaning =
      number == SIGBUS ? ": no space for a page of the mapping, or an I/O error" : "";
  return fmt::format("killed by signal {} ({}){}", number, ::strsignal(number), meaning);
}

// The parent may have ended before prctl. Being a child of process 1 is no proof of that: in a
// container npyrace itself may be process 1.
void die_with_parent(int parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::raise(SIGKILL);
}

void serve_a_file_system() {
#ifdef PR_SET_IO_FLUSHER
  ::prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0);
#endif
}

void allow_many_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace npyrace
