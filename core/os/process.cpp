#include "core/os/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "core/base/error.h"

namespace npyrace::lab {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> merged_environment(const SpawnRequest& request) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    bool replaced = false;
    for (const auto& [name, value] : request.environment)
      replaced = replaced || text.starts_with(name + "=");
    if (!replaced) merged.push_back(text);
  }
  for (const auto& [name, value] : request.environment) merged.push_back(name + "=" + value);
  return merged;
}

void add_files(posix_spawn_file_actions_t& actions, const SpawnRequest& request) {
  if (request.quiet) {
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  }
  for (const auto& [ours, theirs] : request.descriptors)
    posix_spawn_file_actions_adddup2(&actions, ours, theirs);
}

void add_attributes(posix_spawnattr_t& attributes, const SpawnRequest& request) {
  sigset_t none;
  sigemptyset(&none);
  sigset_t all;
  sigfillset(&all);
  int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
  if (request.own_group) flags |= POSIX_SPAWN_SETPGROUP;
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, static_cast<short>(flags));
}

}  // namespace

std::optional<pid_t> spawn(const SpawnRequest& request) {
  std::vector<std::string> arguments = request.arguments;
  std::vector<std::string> environment = merged_environment(request);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  add_files(actions, request);
  add_attributes(attributes, request);
  pid_t child = -1;
  const int error = ::posix_spawnp(&child, arguments[0].c_str(), &actions, &attributes,
                                   pointers(arguments).data(), pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  errno = error;
  return error == 0 ? std::optional(child) : std::nullopt;
}

int wait_for_exit(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

int exit_code_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

}  // namespace npyrace::lab

extern char** environ;

namespace npyrace {
namespace {

/// argv for posix_spawn; valid while the strings are.
std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Owns posix_spawn's file actions and attributes.
struct SpawnSettings {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;

  explicit SpawnSettings(const ChildRequest& request) {
    posix_spawn_file_actions_init(&files);
    if (request.input_descriptor >= 0)
      posix_spawn_file_actions_adddup2(&files, request.input_descriptor, STDIN_FILENO);
    else
      posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!request.working_dir.empty())
      posix_spawn_file_actions_addchdir_np(&files, request.working_dir.c_str());
    if (request.inherited_descriptor >= 0)
      posix_spawn_file_actions_adddup2(&files, request.inherited_descriptor, kInheritedDescriptor);
    if (!request.output_path.empty())
      posix_spawn_file_actions_addopen(&files, STDERR_FILENO, request.output_path.c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (request.error_descriptor >= 0)
      posix_spawn_file_actions_adddup2(&files, request.error_descriptor, STDERR_FILENO);
    posix_spawn_file_actions_adddup2(
        &files, request.output_descriptor >= 0 ? request.output_descriptor : STDERR_FILENO,
        STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    sigset_t ignored_by_us;  // an ignored signal would stay ignored in the child
    sigemptyset(&ignored_by_us);
    sigaddset(&ignored_by_us, SIGPIPE);
    sigaddset(&ignored_by_us, SIGXFSZ);
    posix_spawnattr_setsigdefault(&attributes, &ignored_by_us);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
};

/// getenv returns the first match, so ours come first.
std::vector<std::string> whole_environment(const std::vector<std::string>& ours) {
  std::vector<std::string> all = ours;
  for (char** variable = environ; *variable != nullptr; ++variable) all.emplace_back(*variable);
  return all;
}

}  // namespace

ChildProcess::ChildProcess(const ChildRequest& request) {
  std::vector<std::string> arguments{request.program};
  arguments.insert(arguments.end(), request.arguments.begin(), request.arguments.end());
  std::vector<std::string> environment = whole_environment(request.environment);
  const SpawnSettings settings(request);
  const int error_number =
      ::posix_spawn(&pid_, request.program.c_str(), &settings.files, &settings.attributes,
                    pointers_to(arguments).data(), pointers_to(environment).data());
  if (error_number == EAGAIN)
    throw SystemError(
        {request.program, "start a process (see ulimit -u, and the limit of a container)"},
        error_number);
  if (error_number != 0) throw SystemError({request.program, "posix_spawn"}, error_number);
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

}  // namespace npyrace
