// Wrappers of the functions that start programs (exec, posix_spawn, popen) and that wait for
// children.

#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/watch/collector/collector.h"
#include "bench/watch/collector/obstacle.h"
#include "bench/watch/collector/real.h"

extern char** environ;

namespace npyrace::watch {
namespace {

void note_program(const char* path) {
  const char* const why = obstacle_to_watching(path);
  if (why == nullptr) return;
  const Guard guard(Guard::In::child_of_vfork_too);
  if (guard) note("%s %s: what it wrote was not seen", why, path);
}

/// As above, for a name that is searched in PATH.
void note_named_program(const char* name) {
  char path[4096];
  if (name != nullptr && find_program(name, path, sizeof path)) note_program(path);
}

// Environment of a started program: it gets the collector's settings even if the program has
// changed or cleared its own environment.

constexpr std::size_t kMostKept = 6;
constexpr std::size_t kEntryBytes = 8192;

bool is_variable(const char* entry, const char* name) {
  const std::size_t length = strlen(name);
  return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

/// Writes NAME=VALUE into `space`, and returns the rest of it.
char* write_entry(char* space, const char* name, const char* value) {
  return space + snprintf(space, kEntryBytes, "%s=%s", name, value) + 1;
}

/// Value of kAfterVariable for a program that this process starts or becomes.
void write_lineage(char* text, std::size_t room) {
  const Lineage lineage = lineage_of_child();
  int length = snprintf(text, room, "%lld %lld", static_cast<long long>(lineage.waited.real_ns),
                        static_cast<long long>(lineage.waited.boot_ns));
  for (const std::int32_t ancestor : lineage.ancestors)
    length += snprintf(text + length, room - static_cast<std::size_t>(length), " %d", ancestor);
}

/// `environment` with the collector's settings, in `list` with room for all entries and kMostKept
/// more, and `space` of kMostKept * kEntryBytes.
void keep_settings(char* const* environment, char** list, char* space) {
  char after[512];
  write_lineage(after, sizeof after);
  const struct {
    const char* name;
    const char* value;
  } kept[] = {{kLogVariable, settings.folder},
              {kMatchVariable, settings.match},
              {kStoresVariable, settings.stores},
              {kWatcherVariable, settings.watcher},
              {kAfterVariable, after}};
  char preload[kEntryBytes];
  snprintf(preload, sizeof preload, "%s", settings.library);
  std::size_t count = 0;
  for (char* const* at = environment; at != nullptr && *at != nullptr; ++at) {
    bool is_ours = false;
    for (const auto& [name, value] : kept) is_ours = is_ours || is_variable(*at, name);
    if (is_ours) continue;
    if (!is_variable(*at, "LD_PRELOAD")) {
      list[count++] = *at;
    } else if (const char* const others = *at + strlen("LD_PRELOAD=");
               strstr(others, settings.library) != nullptr) {
      snprintf(preload, sizeof preload, "%s", others);
    } else {
      snprintf(preload, sizeof preload, "%s:%s", settings.library, others);
    }
  }
  list[count++] = space;
  space = write_entry(space, "LD_PRELOAD", preload);
  for (const auto& [name, value] : kept) {
    if (value[0] == 0) continue;
    list[count++] = space;
    space = write_entry(space, name, value);
  }
  list[count] = nullptr;
}

std::size_t count_of(char* const* list) {
  std::size_t count = 0;
  while (list != nullptr && list[count] != nullptr) ++count;
  return count;
}

Real<int(const char*, char*const*, char*const*)> real_execve{"execve"}, real_execvpe{"execvpe"};
Real<int(int, char* const*, char* const*)> real_fexecve{"fexecve"};
Real<int(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*,
         char*const*, char*const*)>
    real_posix_spawn{"posix_spawn"}, real_posix_spawnp{"posix_spawnp"};
Real<int(const char*)> real_system{"system"};
Real<FILE*(const char*, const char*)> real_popen{"popen"};
Real<int(FILE*)> real_pclose{"pclose"};
Real<pid_t(int*)> real_wait{"wait"};
Real<pid_t(pid_t, int*, int)> real_waitpid{"waitpid"};
Real<int(idtype_t, id_t, siginfo_t*, int)> real_waitid{"waitid"};
Real<pid_t(int*, int, struct rusage*)> real_wait3{"wait3"};
Real<pid_t(pid_t, int*, int, struct rusage*)> real_wait4{"wait4"};

/// Calls `call` with an environment that loads the collector.
template <typename Call>
int with_environment(char* const* environment, Call call) {
  if (!is_watching() || settings.library[0] == 0) return call(environment);
  auto** const list = static_cast<char**>(
      __builtin_alloca((count_of(environment) + kMostKept + 1) * sizeof(char*)));
  auto* const space = static_cast<char*>(__builtin_alloca(kMostKept * kEntryBytes));
  keep_settings(environment, list, space);
  return call(static_cast<char* const*>(list));
}

/// The arguments of execl and the like: `first` and those in `list`, up to a null pointer. What
/// follows it in the list is left to `exec`.
struct ArgumentList {
  va_list list;
};

template <typename Exec>
int with_arguments(const char* first, ArgumentList& given, Exec exec) {
  va_list counted;
  va_copy(counted, given.list);
  std::size_t count = 1;
  while (va_arg(counted, const char*) != nullptr) ++count;
  va_end(counted);
  auto** const arguments = static_cast<char**>(__builtin_alloca((count + 1) * sizeof(char*)));
  arguments[0] = const_cast<char*>(first);
  for (std::size_t i = 1; i <= count; ++i) arguments[i] = va_arg(given.list, char*);
  return exec(arguments);
}

template <typename Call>
int replaced_by(char* const* environment, Call call) {
  if (in_foreign_process()) order_by_child(Child::starts);  // after vfork
  finish();
  const int result = with_environment(environment, call);
  const int error = errno;
  resume();
  errno = error;
  return result;
}

/// `wait` is a function of the wait family, which stores the child's status.
template <typename Wait>
pid_t reaped(int* status, Wait wait) {
  int known = 0;
  const pid_t child = wait(&known);
  if (child <= 0) return child;
  if (status != nullptr) *status = known;
  if (is_watching()) child_ended(child, known);
  order_by_child(Child::has_ended);
  return child;
}

}  // namespace
}  // namespace npyrace::watch

using namespace npyrace::watch;

#pragma GCC visibility push(default)
extern "C" {

int execve(const char* path, char* const* arguments, char* const* environment) {
  if (is_watching()) note_program(path);
  return replaced_by(environment,
                     [=](char* const* kept) { return real_execve(path, arguments, kept); });
}

int execv(const char* path, char* const* arguments) {
  return execve(path, arguments, environ);
}

int execvpe(const char* name, char* const* arguments, char* const* environment) {
  if (is_watching()) note_named_program(name);
  return replaced_by(environment,
                     [=](char* const* kept) { return real_execvpe(name, arguments, kept); });
}

int execvp(const char* name, char* const* arguments) {
  return execvpe(name, arguments, environ);
}

int fexecve(int program, char* const* arguments, char* const* environment) {
  return replaced_by(environment,
                     [=](char* const* kept) { return real_fexecve(program, arguments, kept); });
}

int execl(const char* path, const char* first, ...) {
  ArgumentList given;
  va_start(given.list, first);
  const int result = with_arguments(
      first, given, [=](char** arguments) { return execve(path, arguments, environ); });
  va_end(given.list);
  return result;
}

int execlp(const char* name, const char* first, ...) {
  ArgumentList given;
  va_start(given.list, first);
  const int result = with_arguments(
      first, given, [=](char** arguments) { return execvpe(name, arguments, environ); });
  va_end(given.list);
  return result;
}

int execle(const char* path, const char* first, ...) {
  ArgumentList given;
  va_start(given.list, first);
  const int result = with_arguments(first, given, [&](char** arguments) {
    return execve(path, arguments, va_arg(given.list, char* const*));
  });
  va_end(given.list);
  return result;
}

int posix_spawn(pid_t* child, const char* path, const posix_spawn_file_actions_t* actions,
                const posix_spawnattr_t* attributes, char* const* arguments,
                char* const* environment) {
  if (is_watching()) note_program(path);
  order_by_child(Child::starts);
  return with_environment(environment, [=](char* const* kept) {
    return real_posix_spawn(child, path, actions, attributes, arguments, kept);
  });
}

int posix_spawnp(pid_t* child, const char* name, const posix_spawn_file_actions_t* actions,
                 const posix_spawnattr_t* attributes, char* const* arguments,
                 char* const* environment) {
  if (is_watching()) note_named_program(name);
  order_by_child(Child::starts);
  return with_environment(environment, [=](char* const* kept) {
    return real_posix_spawnp(child, name, actions, attributes, arguments, kept);
  });
}

int system(const char* command) {
  order_by_child(Child::starts);
  const int result = real_system(command);
  order_by_child(Child::has_ended);
  return result;
}

FILE* popen(const char* command, const char* mode) {
  order_by_child(Child::starts);
  return real_popen(command, mode);
}

int pclose(FILE* stream) {
  const int result = real_pclose(stream);
  order_by_child(Child::has_ended);
  return result;
}

pid_t wait(int* status) {
  return reaped(status, [](int* known) { return real_wait(known); });
}

pid_t waitpid(pid_t child, int* status, int options) {
  return reaped(status, [=](int* known) { return real_waitpid(child, known, options); });
}

int waitid(idtype_t type, id_t id, siginfo_t* information, int options) {
  const int result = real_waitid(type, id, information, options);
  if (result != 0 || information == nullptr || information->si_pid == 0) return result;
  const bool killed = information->si_code == CLD_KILLED || information->si_code == CLD_DUMPED;
  if (is_watching() && killed) child_ended(information->si_pid, information->si_status);
  order_by_child(Child::has_ended);
  return result;
}

pid_t wait3(int* status, int options, struct rusage* usage) {
  return reaped(status, [=](int* known) { return real_wait3(known, options, usage); });
}

pid_t wait4(pid_t child, int* status, int options, struct rusage* usage) {
  return reaped(status, [=](int* known) { return real_wait4(child, known, options, usage); });
}

}  // extern "C"
#pragma GCC visibility pop
