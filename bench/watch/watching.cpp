#include "bench/watch/watching.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "bench/watch/collector/log_format.h"
#include "bench/watch/collector/obstacle.h"
#include "bench/watch/supervisor.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/file/atomic_file.h"
#include "core/os/descriptor.h"
#include "core/os/process.h"
#include "core/os/signals.h"
#include "core/os/temporary_folder.h"

namespace npyrace::watch {
namespace {

namespace fs = std::filesystem;

/// The terminal sends these signals to the program as well; the others must be passed on.
bool is_sent_by_the_terminal(int number) {
  return number == SIGINT || number == SIGQUIT;
}

std::atomic<pid_t> child = 0;

void pass_on(int number) {
  const int error = errno;
  if (child > 0) ::kill(child, number);
  errno = error;
}

/// exec resets handlers to the default, but not ignored signals; so a handler is installed.
void leave_to_it(int) {}

void handle(int number, void (*handler)(int)) {
  struct sigaction present {};
  if (::sigaction(number, nullptr, &present) != 0 || present.sa_handler == SIG_IGN) return;
  struct sigaction wanted {};
  wanted.sa_handler = handler;
  wanted.sa_flags = SA_RESTART;
  ::sigaction(number, &wanted, nullptr);
}

/// The dynamic loader separates the entries of LD_PRELOAD by colons and blanks.
bool fits_into_preload(const std::string& path) {
  return path.find_first_of(" :\t\n") == std::string::npos;
}

/// Tests whether libraries can be loaded from the folder, which a noexec mount refuses.
bool can_be_loaded(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return false;
  void* const place = ::mmap(nullptr, kCollectorLibrary.size(), PROT_READ | PROT_EXEC, MAP_PRIVATE,
                             file.number(), 0);
  if (place == MAP_FAILED) return false;
  ::munmap(place, kCollectorLibrary.size());
  return true;
}

/// True if the file is the collector, and nobody else can change or replace it: what the dynamic
/// loader loads runs as this user. A group is trusted, because in many places it is the user's own.
bool is_our_collector(const std::string& path) {
  struct stat file {};
  struct stat folder {};
  if (::lstat(path.c_str(), &file) != 0 ||
      ::stat(fs::path(path).parent_path().c_str(), &folder) != 0)
    return false;
  const bool replaceable = (folder.st_mode & S_IWOTH) != 0 && (folder.st_mode & S_ISVTX) == 0;
  return S_ISREG(file.st_mode) && file.st_uid == ::geteuid() && (file.st_mode & S_IWOTH) == 0 &&
         (folder.st_uid == ::geteuid() || folder.st_uid == 0) && !replaceable &&
         static_cast<std::uint64_t>(file.st_size) == kCollectorLibrary.size() &&
         read_text_file(path) == kCollectorLibrary;
}

/// Writes the collector's library to the first folder from which programs can load it.
std::string collector_file(const std::string& folder, const TemporaryFolder& temporary) {
  for (const std::string& path : {folder + "/" + kLibraryName, temporary.file(kLibraryName)}) {
    if (!fits_into_preload(path)) continue;
    std::error_code ignored;
    if (fs::symlink_status(path, ignored).type() == fs::file_type::not_found)
      write_file_atomically(path, std::string(kCollectorLibrary));
    if (is_our_collector(path) && can_be_loaded(path)) return path;
  }
  throw UsageError(fmt::format(
      "watch needs a folder from which programs can be loaded: {} is mounted noexec or has a blank "
      "or a colon in its name, and so is the folder for temporary files; set TMPDIR",
      folder));
}

/// Value of LD_PRELOAD: the collector before the libraries that are there already, and in place of
/// the collector of an outer watch.
std::string preload_with(const std::string& library) {
  std::string preload = library;
  const char* const others = std::getenv("LD_PRELOAD");
  for (const std::string& other : split(others == nullptr ? "" : others, ':'))
    if (!other.empty() && !other.ends_with(kLibraryName)) preload += ":" + other;
  return preload;
}

/// Value of ASAN_OPTIONS: programs built with AddressSanitizer end if another library is loaded
/// before its own.
std::string sanitizer_options() {
  const char* const others = std::getenv("ASAN_OPTIONS");
  return fmt::format("verify_asan_link_order=0{}{}", others == nullptr ? "" : ":",
                     others == nullptr ? "" : others);
}

void create_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw SystemError({path, "mkdir"}, error.value());
}

void check_patterns(const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns)
    if (pattern.empty() || pattern.size() >= kMostPatternBytes ||
        pattern.find('\n') != std::string::npos)
      throw UsageError(fmt::format("--match: a pattern has 1 to {} bytes and no line end",
                                   kMostPatternBytes - 1));
}

/// npyrace starts the command itself, so no collector reports that its writes cannot be seen.
void note_obstacle(const WatchRequest& request) {
  char program[4096];
  if (!find_program(request.command[0].c_str(), program, sizeof program)) return;
  const char* const why = obstacle_to_watching(program);
  if (why == nullptr) return;
  write_file_atomically(fmt::format("{}/{}{}", request.folder, ::getpid(), kNoteSuffix),
                        fmt::format("{} is {}: what it wrote was not seen\n", program, why));
}

}  // namespace

int run_watched(const WatchRequest& request) {
  if (kCollectorLibrary.empty())
    throw UsageError("this build of npyrace has no watch: it needs a 64-bit system");
  check_patterns(request.match);
  create_folder(request.folder);
  const std::string folder = fs::absolute(request.folder).string();
  const TemporaryFolder temporary("watch");
  note_obstacle(request);
  const SpawnRequest spawned{
      .arguments = request.command,
      .environment = {fmt::format("LD_PRELOAD={}", preload_with(collector_file(folder, temporary))),
                      fmt::format("ASAN_OPTIONS={}", sanitizer_options()),
                      fmt::format("{}={}", kLogVariable, folder),
                      fmt::format("{}={}", kWatcherVariable, ::getpid()),
                      fmt::format("{}={}", kMatchVariable, fmt::join(request.match, "\n"))},
      .input = STDIN_FILENO,
      .output = STDOUT_FILENO,
      .in_our_place = true};
  for (const int number : kEndingSignals)
    handle(number, is_sent_by_the_terminal(number) ? leave_to_it : pass_on);
  const auto started = spawn(spawned);
  if (!started) throw SystemError({request.command[0], "exec"}, errno);
  child = *started;
  const int status = Supervisor(folder).wait_for(*started);
  child = 0;
  return shell_exit_code(status);
}

}  // namespace npyrace::watch
