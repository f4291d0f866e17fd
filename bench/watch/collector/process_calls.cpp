// The life of the process: start, fork, exec, end. And the guard of the collector's state.

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "bench/watch/collector/collector.h"
#include "bench/watch/collector/obstacle.h"
#include "bench/watch/collector/real.h"

// The oldest version, so that the library can be loaded where libc is older than here.
#if defined(__x86_64__)
__asm__(".symver dlsym, dlsym@GLIBC_2.2.5");
#elif defined(__aarch64__)
__asm__(".symver dlsym, dlsym@GLIBC_2.17");
#endif

extern char** environ;

namespace npyrace::watch {

void* next_function(const char* name) {
  void* const next = reinterpret_cast<void*>(-1);  // RTLD_NEXT
  return dlsym(next, name);
}

constinit Settings settings;

namespace {

bool ready = false;  ///< the constructor ran
bool ended = false;  ///< the last stores were logged
pid_t process = 0;
Moment started;          ///< the process
thread_local char here;  ///< its address identifies the thread
std::atomic<const char*> owner = nullptr;
std::atomic<bool> entered_by_fork = false;
std::int64_t entered_ns = 0;
/// A signal that ends the process came while this thread was in here; 0: none.
volatile sig_atomic_t ending_signal = 0;

std::int64_t monotonic_ns() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000 + time.tv_nsec;
}

void log_and_end(int number);

}  // namespace

bool is_watching() {
  return ready;
}

bool in_foreign_process() {
  return getpid() != process;
}

pid_t own_process() {
  return process;
}

Guard::Guard(In where) : errno_(errno) {
  if (!ready || owner.load(std::memory_order_relaxed) == &here) return;
  if (where == In::own_process && in_foreign_process()) return;
  const char* nobody = nullptr;
  while (!owner.compare_exchange_weak(nobody, &here, std::memory_order_acquire)) {
    nobody = nullptr;
    sched_yield();
  }
  entered_ = true;
  entered_ns = monotonic_ns();
}

Guard::~Guard() {
  if (entered_) {
    if (log_header != nullptr)
      log_header->collector_ns += static_cast<std::uint64_t>(monotonic_ns() - entered_ns);
    owner.store(nullptr, std::memory_order_release);
    if (ending_signal != 0) log_and_end(ending_signal);
  }
  errno = errno_;
}

void hold_state() {
  const char* nobody = nullptr;
  if (owner.load() == &here) return;
  while (!owner.compare_exchange_weak(nobody, &here, std::memory_order_acquire)) {
    nobody = nullptr;
    sched_yield();
  }
  entered_by_fork = true;
}

void release_state() {
  if (!entered_by_fork) return;
  entered_by_fork = false;
  owner.store(nullptr, std::memory_order_release);
  if (ending_signal != 0) log_and_end(ending_signal);
}

Moment now() {
  timespec real, boot;
  clock_gettime(CLOCK_REALTIME, &real);
  clock_gettime(CLOCK_BOOTTIME, &boot);
  return {real.tv_sec * 1000000000 + real.tv_nsec, boot.tv_sec * 1000000000 + boot.tv_nsec};
}

Moment process_start() {
  return started;
}

bool status_of(int descriptor, struct stat& status) {
  return syscall(SYS_fstat, descriptor, &status) == 0;
}

std::size_t read_text(const char* path, char* text, std::size_t room) {
  const int file = static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
  const long length = file < 0 ? 0 : syscall(SYS_read, file, text, room - 1);
  if (file >= 0) syscall(SYS_close, file);
  const std::size_t read = length > 0 ? static_cast<std::size_t>(length) : 0;
  text[read] = 0;
  return read;
}

int moved_up(int descriptor) {
  constexpr int kHigh = 500;
  const int high = static_cast<int>(syscall(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC, kHigh));
  if (high < 0) return descriptor;
  syscall(SYS_close, descriptor);
  return high;
}

bool status_of(const char* path, struct stat& status) {
  return syscall(SYS_newfstatat, AT_FDCWD, path, &status, 0) == 0;
}

namespace {

/// io_uring writes without a call of libc.
void note_rings() {
  char link[48], target[64];
  for (int i = 0; i < 1024; ++i) {
    snprintf(link, sizeof link, "/proc/self/fd/%d", i);
    const long length = readlink(link, target, sizeof target - 1);
    if (length <= 0) continue;
    target[length] = 0;
    if (strstr(target, "io_uring") != nullptr)
      note("io_uring: what it wrote was not seen (process %d)", getpid());
  }
}

/// Before the process ends or becomes another program.
void finish() {
  if (!ready || in_foreign_process()) return;
  const Guard guard;
  if (!guard || ended) return;
  ended = true;
  look_at_all_mappings();
  if (watched_count() > 0) note_rings();
  split_sessions();
  end_log();
}

void resume() {
  if (!ready || in_foreign_process()) return;
  ended = false;
  resume_log();
}

void before_fork() {
  hold_state();
  look_at_all_mappings();
  split_sessions();  // what the parent wrote until now is ordered before the child
}

void after_fork_in_child() {
  process = getpid();
  started = now();
  ending_signal = 0;  // it was the parent's
  forget_log();
  forget_sessions();
  watch_mappings_again();
  ended = false;
  release_state();
}

/// A child starts or has ended: what was written until now is ordered before what is written from
/// now on. Also called in a child of vfork, which shares our memory.
void order_by_child() {
  if (!ready) return;
  const Guard guard(Guard::In::child_of_vfork_too);
  if (!guard || watched_count() == 0) return;
  look_at_all_mappings();
  split_sessions();
}

// Signals that end a process by default, sent by users, batch systems and multiprocessing.Pool.
// Where the program leaves them alone, the last stores are logged first.

constexpr int kEnding[] = {SIGTERM, SIGHUP, SIGINT, SIGUSR1, SIGUSR2, SIGALRM, SIGXCPU};

void log_and_end(int number) {
  if (owner.load(std::memory_order_relaxed) == &here) {  // it goes on when the state is whole
    ending_signal = number;
    return;
  }
  ending_signal = 0;
  finish();
  struct sigaction usual = {};
  usual.sa_handler = SIG_DFL;
  sigaction(number, &usual, nullptr);
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, number);
  raise(number);
  sigprocmask(SIG_UNBLOCK, &one, nullptr);
}

void catch_ending_signals() {
  for (const int number : kEnding) {
    struct sigaction present;
    if (sigaction(number, nullptr, &present) != 0 || (present.sa_flags & SA_SIGINFO) != 0 ||
        present.sa_handler != SIG_DFL)
      continue;
    struct sigaction ours = {};
    ours.sa_handler = log_and_end;
    ours.sa_flags = SA_RESTART | SA_ONSTACK;
    sigfillset(&ours.sa_mask);
    sigaction(number, &ours, nullptr);
  }
}

/// Copies a variable, because programs change and clear their environment.
void keep(const char* variable, char* text, std::size_t room) {
  const char* const value = getenv(variable);
  if (value != nullptr && strlen(value) < room) snprintf(text, room, "%s", value);
}

/// The path of this library, as LD_PRELOAD names it.
void keep_library() {
  char text[4096] = {};
  keep("LD_PRELOAD", text, sizeof text);
  const char* const place = strstr(text, kLibraryName);
  if (place == nullptr) return;
  const char* start = place;
  while (start > text && start[-1] != ':' && start[-1] != ' ') --start;
  snprintf(settings.library, sizeof settings.library, "%.*s",
           static_cast<int>(place - start + static_cast<long>(strlen(kLibraryName))), start);
}

__attribute__((constructor(101))) void start() {
  if (getenv(kLogVariable) == nullptr) return;
  keep(kLogVariable, settings.folder, sizeof settings.folder);
  keep(kMatchVariable, settings.match, sizeof settings.match);
  keep(kStoresVariable, settings.stores, sizeof settings.stores);
  keep(kWatcherVariable, settings.watcher, sizeof settings.watcher);
  keep_library();
  process = getpid();
  started = now();
  pthread_atfork(before_fork, release_state, after_fork_in_child);
  atexit(finish);
  ready = true;
}

__attribute__((destructor(101))) void stop() {
  finish();
}

}  // namespace

void expect_ending_signals() {
  static pid_t caught = 0;
  if (caught == process) return;
  caught = process;
  catch_ending_signals();
}

namespace {

// Programs that are started.

void note_program(const char* path) {
  const char* const why = obstacle_to_watching(path);
  if (why == nullptr) return;
  const Guard guard(Guard::In::child_of_vfork_too);
  if (guard) note("%s %s: what it wrote was not seen", why, path);
}

/// The same for a name that is searched in PATH.
void note_named_program(const char* name) {
  char path[4096];
  if (name != nullptr && find_program(name, path, sizeof path)) note_program(path);
}

// The environment of a started program: ours, whatever the program did to its own.

constexpr std::size_t kMostKept = 5;
constexpr std::size_t kEntryBytes = 8192;

bool is_variable(const char* entry, const char* name) {
  const std::size_t length = strlen(name);
  return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

/// Writes NAME=VALUE into `space`, and returns the rest of it.
char* write_entry(char* space, const char* name, const char* value) {
  return space + snprintf(space, kEntryBytes, "%s=%s", name, value) + 1;
}

/// `environment` with the collector's settings, in `list` with room for all entries and kMostKept
/// more, and `space` of kMostKept * kEntryBytes.
void keep_settings(char* const* environment, char** list, char* space) {
  const struct {
    const char* name;
    const char* value;
  } kept[] = {{kLogVariable, settings.folder},
              {kMatchVariable, settings.match},
              {kStoresVariable, settings.stores},
              {kWatcherVariable, settings.watcher}};
  char preload[kEntryBytes];
  snprintf(preload, sizeof preload, "%s", settings.library);
  std::size_t count = 0;
  for (char* const* at = environment; at != nullptr && *at != nullptr; ++at) {
    if (is_variable(*at, kLogVariable) || is_variable(*at, kMatchVariable) ||
        is_variable(*at, kStoresVariable) || is_variable(*at, kWatcherVariable))
      continue;
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
Real<pid_t()> real_fork{"_Fork"};
Real<void(int)> real_exit{"_exit"};
Real<void()> real_abort{"abort"};
Real<void(int)> real_quick_exit{"quick_exit"};
Real<int(const char*)> real_system{"system"};
Real<FILE*(const char*, const char*)> real_popen{"popen"};
Real<int(FILE*)> real_pclose{"pclose"};
Real<pid_t(int*)> real_wait{"wait"};
Real<pid_t(pid_t, int*, int)> real_waitpid{"waitpid"};
Real<int(idtype_t, id_t, siginfo_t*, int)> real_waitid{"waitid"};
Real<pid_t(int*, int, struct rusage*)> real_wait3{"wait3"};
Real<pid_t(pid_t, int*, int, struct rusage*)> real_wait4{"wait4"};

/// Does what `call` does with an environment that keeps the collector.
template <typename Call>
int with_environment(char* const* environment, Call call) {
  if (!ready || settings.library[0] == 0) return call(environment);
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
  if (in_foreign_process()) order_by_child();  // after vfork
  finish();
  const int result = with_environment(environment, call);
  const int error = errno;
  resume();
  errno = error;
  return result;
}

pid_t reaped(pid_t child) {
  if (child > 0) order_by_child();
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
  order_by_child();
  return with_environment(environment, [=](char* const* kept) {
    return real_posix_spawn(child, path, actions, attributes, arguments, kept);
  });
}

int posix_spawnp(pid_t* child, const char* name, const posix_spawn_file_actions_t* actions,
                 const posix_spawnattr_t* attributes, char* const* arguments,
                 char* const* environment) {
  if (is_watching()) note_named_program(name);
  order_by_child();
  return with_environment(environment, [=](char* const* kept) {
    return real_posix_spawnp(child, name, actions, attributes, arguments, kept);
  });
}

/// fork without the handlers of pthread_atfork; only programs built for glibc 2.34 and newer call
/// it.
pid_t _Fork() {
  if (!is_watching()) return real_fork();
  before_fork();
  const pid_t child = real_fork();
  if (child == 0)
    after_fork_in_child();
  else
    release_state();
  return child;
}

void _exit(int code) {
  finish();
  real_exit(code);
  __builtin_unreachable();
}

void _Exit(int code) {
  _exit(code);
}

void quick_exit(int code) {
  finish();
  real_quick_exit(code);
  __builtin_unreachable();
}

void abort() {
  finish();
  real_abort();
  __builtin_unreachable();
}

int system(const char* command) {
  order_by_child();
  const int result = real_system(command);
  order_by_child();
  return result;
}

FILE* popen(const char* command, const char* mode) {
  order_by_child();
  return real_popen(command, mode);
}

int pclose(FILE* stream) {
  const int result = real_pclose(stream);
  order_by_child();
  return result;
}

pid_t wait(int* status) {
  return reaped(real_wait(status));
}

pid_t waitpid(pid_t child, int* status, int options) {
  return reaped(real_waitpid(child, status, options));
}

int waitid(idtype_t type, id_t id, siginfo_t* information, int options) {
  const int result = real_waitid(type, id, information, options);
  if (result == 0 && information != nullptr && information->si_pid != 0) order_by_child();
  return result;
}

pid_t wait3(int* status, int options, struct rusage* usage) {
  return reaped(real_wait3(status, options, usage));
}

pid_t wait4(pid_t child, int* status, int options, struct rusage* usage) {
  return reaped(real_wait4(child, status, options, usage));
}

}  // extern "C"
#pragma GCC visibility pop
