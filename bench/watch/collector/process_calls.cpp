// Start, fork and end of the process, and the lock that guards the collector's state.

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "bench/watch/collector/collector.h"
#include "bench/watch/collector/real.h"

// Binds to the oldest symbol version, so that the library can be loaded with an older libc.
#if defined(__x86_64__)
__asm__(".symver dlsym, dlsym@GLIBC_2.2.5");
__asm__(".symver dlopen, dlopen@GLIBC_2.2.5");
#elif defined(__aarch64__)
__asm__(".symver dlsym, dlsym@GLIBC_2.17");
__asm__(".symver dlopen, dlopen@GLIBC_2.17");
#endif

namespace npyrace::watch {

void* next_function(const char* name) {
  if (void* const found = dlsym(RTLD_NEXT, name)) return found;
  // Before glibc 2.34 semaphores were in libpthread. If a plugin brought that library, it does not
  // follow the collector in the search order.
  void* const threads = dlopen("libpthread.so.0", RTLD_LAZY | RTLD_NOLOAD);
  return threads == nullptr ? nullptr : dlsym(threads, name);
}

constinit Settings settings;

namespace {

bool ready = false;  ///< the constructor ran
bool ended = false;  ///< the last stores were logged
pid_t process = 0;
Moment started;  ///< the process
Lineage before_start, before_now;
thread_local char here;  ///< its address identifies the thread
std::atomic<const char*> owner = nullptr;
std::atomic<bool> entered_by_fork = false;
std::int64_t entered_ns = 0;
/// Signal that would end the process and arrived while this thread held the lock; 0: none.
volatile sig_atomic_t ending_signal = 0;

std::int64_t monotonic_ns() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000 + time.tv_nsec;
}

void log_and_end(int number);

void leave() {
  owner.store(nullptr, std::memory_order_release);
  if (ending_signal != 0) log_and_end(ending_signal);
}

/// A thread whose signal handler jumped out of the collector (siglongjmp) never leaves it. The
/// others must not wait for ever: then the program goes on, and is watched no more.
constexpr std::int64_t kPatienceNs = 60'000'000'000;

/// Waits until the state is ours. False if that takes too long: it may be broken.
bool enter() {
  const char* nobody = nullptr;
  std::int64_t limit_ns = 0;
  while (!owner.compare_exchange_weak(nobody, &here, std::memory_order_acquire)) {
    nobody = nullptr;
    sched_yield();
    if (limit_ns == 0) limit_ns = monotonic_ns() + kPatienceNs;
    if (ready && monotonic_ns() <= limit_ns) continue;
    if (ready && log_header != nullptr) ++log_header->missed;
    ready = false;
    return false;
  }
  return true;
}

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
  entered_ = enter();
  if (!entered_) return;
  entered_ns = monotonic_ns();
}

Guard::~Guard() {
  if (entered_) {
    if (log_header != nullptr)
      log_header->collector_ns += static_cast<std::uint64_t>(monotonic_ns() - entered_ns);
    leave();
  }
  errno = errno_;
}

void hold_state() {
  if (owner.load() != &here) entered_by_fork = enter();
}

void release_state() {
  if (!entered_by_fork) return;
  entered_by_fork = false;
  leave();
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

const Lineage& lineage_at_start() {
  return before_start;
}

const Lineage& lineage() {
  return before_now;
}

Lineage lineage_of_child() {
  Lineage child = before_now;
  if (const Moment locked = locked_since(); locked.boot_ns > child.waited.boot_ns)
    child.waited = locked;
  memmove(child.ancestors, child.ancestors + 1, sizeof child.ancestors - sizeof child.ancestors[0]);
  child.ancestors[kMostAncestors - 1] = process;
  return child;
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

std::int64_t next_number(const char*& text) {
  std::int64_t number = 0;
  for (; *text >= '0' && *text <= '9'; ++text) number = number * 10 + (*text - '0');
  if (*text == ' ') ++text;
  return number;
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

/// Notes that io_uring is used, which writes without calling libc.
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

}  // namespace

void finish() {
  const Guard guard;
  if (!guard || ended) return;
  ended = true;
  look_at_all_mappings();
  if (watched_count() > 0) note_rings();
  split_sessions();
  end_log();
}

void resume() {
  if (!is_watching() || in_foreign_process()) return;
  ended = false;
  resume_log();
}

void order_by_child(Child child) {
  const Guard guard(Guard::In::child_of_vfork_too);
  if (!guard) return;
  look_at_all_mappings();
  split_sessions();
  if (child == Child::has_ended) before_now.waited = now();
}

namespace {

void before_fork() {
  hold_state();
  look_at_all_mappings();
  split_sessions();  // what the parent wrote until now is ordered before the child
}

void after_fork_in_child() {
  before_start = before_now = lineage_of_child();
  process = getpid();
  started = now();
  ending_signal = 0;  // the pending signal was sent to the parent
  forget_log();
  forget_sessions();
  watch_mappings_again();
  ended = false;
  release_state();
}

// Signals that end a process by default and are sent by users, batch systems and
// multiprocessing.Pool. Unless the program handles them, the last stores are logged before they end
// the process.

constexpr int kEnding[] = {SIGTERM, SIGHUP, SIGINT, SIGUSR1, SIGUSR2, SIGALRM, SIGXCPU};

void log_and_end(int number) {
  // A signal that interrupts the holder of the lock is sent again when the lock is released.
  if (owner.load(std::memory_order_relaxed) == &here) {
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

/// Copies an environment variable, because programs change and clear their environment.
void keep(const char* variable, char* text, std::size_t room) {
  const char* const value = getenv(variable);
  if (value != nullptr && strlen(value) < room) snprintf(text, room, "%s", value);
}

/// Reads what happened before the process from the environment that its starter made.
void keep_lineage() {
  before_start.waited = started;
  const char* text = getenv(kAfterVariable);
  if (text != nullptr) {
    before_start.waited.real_ns = next_number(text);
    before_start.waited.boot_ns = next_number(text);
    for (std::int32_t& ancestor : before_start.ancestors)
      ancestor = static_cast<std::int32_t>(next_number(text));
  }
  before_now = before_start;
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
  keep_lineage();
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

Real<pid_t()> real_fork{"_Fork"};
Real<void(int)> real_exit{"_exit"};
Real<void()> real_abort{"abort"};
Real<void(int)> real_quick_exit{"quick_exit"};

}  // namespace
}  // namespace npyrace::watch

using namespace npyrace::watch;

#pragma GCC visibility push(default)
extern "C" {

/// _Fork, which does not call the handlers of pthread_atfork; only programs built for glibc 2.34
/// and newer call it.
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

}  // extern "C"
#pragma GCC visibility pop
