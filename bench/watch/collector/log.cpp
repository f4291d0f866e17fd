#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "bench/watch/collector/collector.h"

namespace npyrace::watch {

Header* log_header = nullptr;

namespace {

constexpr std::uint64_t kStepBytes = 65536;

/// Valid in this process only; the program may close it or open another file under its number.
int log_descriptor = -1;
struct stat log_status;
char log_place[sizeof settings.folder + 256];
bool no_log = false;  ///< the log could not be made
std::uint64_t sort_at = 4096;
std::uint8_t backed[kLogBytes / kStepBytes / 8 + 1];

char* log_bytes() {
  return reinterpret_cast<char*>(log_header);
}

bool is_log(int descriptor) {
  struct stat status;
  return descriptor >= 0 && status_of(descriptor, status) && status.st_ino == log_status.st_ino &&
         status.st_dev == log_status.st_dev;
}

/// The log, open for writing. It is reopened for the lifetime of this object if the descriptor is
/// no longer the log: the program has closed it, or this is a child of vfork, which has descriptors
/// of its own.
class OpenLog {
 public:
  OpenLog() : descriptor_(is_log(log_descriptor) ? log_descriptor : -1) {
    if (descriptor_ >= 0) return;
    const long opened = syscall(SYS_openat, AT_FDCWD, log_place, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    descriptor_ = static_cast<int>(opened);
    for_now_ = descriptor_ >= 0;
  }
  OpenLog(const OpenLog&) = delete;
  OpenLog& operator=(const OpenLog&) = delete;
  ~OpenLog() {
    if (for_now_) syscall(SYS_close, descriptor_);
  }
  int number() const { return descriptor_; }

 private:
  int descriptor_;
  bool for_now_ = false;
};

/// Allocates the part of the file to which the mapping will store, by writing zeros: on a full disk
/// a store into a hole raises SIGBUS, whereas a write returns an error.
bool has_room(std::uint64_t from, std::uint64_t size_bytes) {
  static const char zeros[kStepBytes] = {};
  for (std::uint64_t step = from / kStepBytes; step <= (from + size_bytes - 1) / kStepBytes;
       ++step) {
    if ((backed[step / 8] >> (step % 8) & 1) != 0) continue;
    const std::uint64_t start = step * kStepBytes;
    const std::uint64_t length = kLogBytes - start < kStepBytes ? kLogBytes - start : kStepBytes;
    const OpenLog log;
    if (syscall(SYS_pwrite64, log.number(), zeros, length, start) != static_cast<long>(length))
      return false;
    backed[step / 8] = static_cast<std::uint8_t>(backed[step / 8] | 1 << (step % 8));
  }
  return true;
}

/// Reads the arguments of the process, separated by blanks.
void read_command(char* text, std::size_t room) {
  const std::size_t length = read_text("/proc/self/cmdline", text, room);
  for (std::size_t i = 0; i + 1 < length; ++i)
    if (text[i] == 0 || text[i] == '\n') text[i] = ' ';
}

/// Reads the task number that a batch system or MPI gives to the process.
void describe_task(char* text, std::size_t room) {
  static const struct {
    const char* variable;
    const char* what;
  } kNumbers[] = {{"OMPI_COMM_WORLD_RANK", "rank"},
                  {"PMIX_RANK", "rank"},
                  {"PMI_RANK", "rank"},
                  {"SLURM_ARRAY_TASK_ID", "array task"},
                  {"SLURM_PROCID", "task"},
                  {"PBS_ARRAY_INDEX", "array task"},
                  {"LSB_JOBINDEX", "array task"},
                  {"SGE_TASK_ID", "array task"}};
  text[0] = 0;
  for (const auto& number : kNumbers) {
    const char* value = getenv(number.variable);
    // LSF and Grid Engine set 0 and "undefined" outside an array.
    if (value == nullptr || value[0] < '0' || value[0] > '9') continue;
    if (strcmp(number.variable, "LSB_JOBINDEX") == 0 && strcmp(value, "0") == 0) continue;
    snprintf(text, room, "%s %.40s", number.what, value);
    return;
  }
}

void fill_header(Header& header) {
  header.page_bytes = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  header.pid = own_process();
  read_line("/proc/sys/kernel/random/boot_id", header.boot_id, sizeof header.boot_id);
  struct utsname system;
  if (uname(&system) == 0) snprintf(header.host, sizeof header.host, "%s", system.nodename);
  describe_task(header.task, sizeof header.task);
  read_command(header.command, sizeof header.command);
  header.process_started = process_start();
  header.before = lineage_at_start();
  header.started_ns = now().real_ns;
  const char* watcher = settings.watcher;
  header.watcher = next_number(watcher);
}

/// True if the limit of file sizes permits a file of that size; exceeding it would end the program
/// by SIGXFSZ.
bool size_is_allowed() {
  struct rlimit limit;
  return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur >= kLogBytes;
}

int create_log_file() {
  if (!size_is_allowed()) return -1;
  struct utsname system;
  if (uname(&system) != 0) return -1;
  snprintf(log_place, sizeof log_place, "%s/%.64s-%d-%llx%s", settings.folder, system.nodename,
           own_process(), static_cast<unsigned long long>(now().real_ns), kLogSuffix);
  const int low = static_cast<int>(syscall(
      SYS_openat, AT_FDCWD, log_place, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (low < 0 || !status_of(low, log_status)) return low;
  return moved_up(low);
}

void drop_descriptor() {
  if (is_log(log_descriptor)) syscall(SYS_close, log_descriptor);
  log_descriptor = -1;
}

/// The entry `index` of a table at `offset_bytes`, after its blocks are allocated; null if the disk
/// is full.
template <typename Entry>
Entry* entry_at(std::uint64_t offset_bytes, std::uint64_t index) {
  const std::uint64_t at = offset_bytes + index * sizeof(Entry);
  if (!has_room(at, sizeof(Entry))) {
    if (!in_foreign_process()) no_log = true;
    ++log_header->missed;
    return nullptr;
  }
  return reinterpret_cast<Entry*>(log_bytes() + at);
}

template <typename Entry>
std::uint32_t append(std::uint64_t offset_bytes, std::uint32_t& count, std::uint32_t most,
                     const Entry& entry) {
  if (log_header == nullptr || no_log) return kNone;
  if (count >= most) {
    ++log_header->missed;
    return kNone;
  }
  Entry* const place = entry_at<Entry>(offset_bytes, count);
  if (place == nullptr) return kNone;
  memcpy(place, &entry, sizeof entry);
  std::atomic_ref(count).store(count + 1, std::memory_order_release);
  return count - 1;
}

// Ranges.

std::uint64_t range_count() {
  return log_header->ranges & ~kAreaBit;
}

std::uint64_t area_at(std::uint64_t which) {
  return kRangesAt + (which != 0 ? kAreaBytes : 0);
}

/// Sorts and merges the ranges into the other area, and then makes that area the valid one.
void sort_ranges() {
  const std::uint64_t count = range_count();
  const std::uint64_t area = log_header->ranges & kAreaBit;
  void* const space = mmap(nullptr, count * sizeof(Range), PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (space == MAP_FAILED) return;
  auto* const ranges = static_cast<Range*>(space);
  memcpy(ranges, log_bytes() + area_at(area), count * sizeof(Range));
  std::uint64_t merged = merge_ranges(ranges, count);
  if (merged > kMostRanges / 4 * 3) merged = make_coarse(ranges, merged);
  const std::uint64_t other = area ^ kAreaBit;
  if (has_room(area_at(other), merged * sizeof(Range))) {
    memcpy(log_bytes() + area_at(other), ranges, merged * sizeof(Range));
    std::atomic_ref(log_header->ranges).store(other | merged, std::memory_order_release);
  } else {
    no_log = true;
  }
  munmap(space, count * sizeof(Range));
  sort_at = merged * 2 < 4096 ? 4096 : merged * 2;
  if (sort_at > kMostRanges) sort_at = kMostRanges;
}

/// Extends one of the last ranges if `range` touches it.
bool extends_recent(const Range& range) {
  constexpr std::uint64_t kRecent = 8;
  const std::uint64_t count = range_count();
  auto* const ranges =
      reinterpret_cast<Range*>(log_bytes() + area_at(log_header->ranges & kAreaBit));
  for (std::uint64_t i = count; i > 0 && count - i < kRecent; --i) {
    Range& last = ranges[i - 1];
    if (!same_kind(last, range) || range.from > last.to || last.from > range.to) continue;
    if (range.from < last.from) last.from = range.from;
    if (range.to > last.to) last.to = range.to;
    return true;
  }
  return false;
}

}  // namespace

void read_line(const char* path, char* text, std::size_t room) {
  read_text(path, text, room);
  if (char* const end = strchr(text, '\n')) *end = 0;
}

namespace {

bool make_log() {
  log_descriptor = create_log_file();
  if (log_descriptor < 0) return false;
  memset(backed, 0, sizeof backed);
  sort_at = 4096;
  if (syscall(SYS_ftruncate, log_descriptor, kLogBytes) != 0) return false;
  void* const place =
      mmap(nullptr, kLogBytes, PROT_READ | PROT_WRITE, MAP_SHARED, log_descriptor, 0);
  if (place == MAP_FAILED) return false;
  if (!has_room(0, sizeof(Header))) {
    munmap(place, kLogBytes);
    return false;
  }
  log_header = static_cast<Header*>(place);
  fill_header(*log_header);
  if (in_foreign_process()) drop_descriptor();  // the descriptor belongs to the child of vfork
  std::atomic_ref(log_header->magic).store(kMagic, std::memory_order_release);
  return true;
}

/// Writes the line to a small file beside the logs, or else to standard error, so that the report
/// does not claim that the process wrote nothing.
void say_that_there_is_no_log() {
  char text[512], path[sizeof settings.folder + 128];
  const int length =
      snprintf(text, sizeof text,
               "process %d had no space, no memory or no file size limit for its log: "
               "what it wrote was not seen\n",
               getpid());
  snprintf(path, sizeof path, "%s/%d-%llx%s", settings.folder, getpid(),
           static_cast<unsigned long long>(now().real_ns), kNoteSuffix);
  const int file = static_cast<int>(syscall(
      SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  const bool written = file >= 0 && syscall(SYS_write, file, text, length) == length;
  if (file >= 0) syscall(SYS_close, file);
  if (written) return;
  syscall(SYS_write, STDERR_FILENO, "npyrace watch: ", 15);
  syscall(SYS_write, STDERR_FILENO, text, length);
}

}  // namespace

bool is_log_descriptor(int descriptor) {
  return descriptor == log_descriptor && is_log(descriptor);
}

bool open_log() {
  if (log_header != nullptr) return !no_log;
  if (no_log) return false;
  no_log = true;
  if (make_log()) {
    no_log = false;
    return true;
  }
  drop_descriptor();
  say_that_there_is_no_log();
  return false;
}

void forget_log() {
  if (log_header != nullptr) munmap(log_header, kLogBytes);
  log_header = nullptr;
  no_log = false;
  drop_descriptor();
}

void end_log() {
  if (log_header != nullptr) log_header->ended_ns = now().real_ns;
}

void resume_log() {
  if (log_header != nullptr) log_header->ended_ns = 0;
}

std::uint32_t log_file(const Watched& watched) {
  if (!open_log()) return kNone;
  static File file;
  memset(&file, 0, sizeof file);
  file.device = watched.device;
  file.inode = watched.inode;
  file.born_ns = watched.born_ns;
  file.file_system = watched.file_system;
  file.uses = watched.lock_only ? std::uint32_t{kLockOnly} : 0;
  file.path_bytes = static_cast<std::uint32_t>(strlen(watched.path));
  memcpy(file.path, watched.path, file.path_bytes);
  return append(kFilesAt, log_header->files, kMostFiles, file);
}

void log_path(std::uint32_t file, const char* path) {
  if (log_header == nullptr || file == kNone) return;
  auto* const entry = reinterpret_cast<File*>(log_bytes() + kFilesAt) + file;
  const std::size_t length = strlen(path);
  if (length >= sizeof entry->path) return;
  memcpy(entry->path, path, length);
  entry->path_bytes = static_cast<std::uint32_t>(length);
}

void log_use(std::uint32_t file, FileUse use) {
  if (log_header == nullptr || file == kNone) return;
  (reinterpret_cast<File*>(log_bytes() + kFilesAt) + file)->uses |= use;
}

std::uint32_t log_session(const Session& session) {
  if (log_header == nullptr) return kNone;
  return append(kSessionsAt, log_header->sessions, kMostSessions, session);
}

Session* session_in_log(std::uint32_t session) {
  return reinterpret_cast<Session*>(log_bytes() + kSessionsAt) + session;
}

std::uint32_t log_map(const Map& map) {
  if (log_header == nullptr) return kNone;
  auto* const maps = reinterpret_cast<Map*>(log_bytes() + kMapsAt);
  for (std::uint32_t i = log_header->maps; i > 0 && log_header->maps == kMostMaps; --i)
    if (maps[i - 1].live == 0) {
      maps[i - 1] = map;
      return i - 1;
    }
  return append(kMapsAt, log_header->maps, kMostMaps, map);
}

Map* map_in_log(std::uint32_t map) {
  return reinterpret_cast<Map*>(log_bytes() + kMapsAt) + map;
}

void log_range(const Range& range) {
  if (log_header == nullptr || no_log || range.from >= range.to) return;
  if (extends_recent(range)) return;
  if (range_count() >= sort_at) sort_ranges();
  const std::uint64_t count = range_count();
  const std::uint64_t area = log_header->ranges & kAreaBit;
  if (count >= kMostRanges) {
    ++log_header->missed;
    return;
  }
  auto* const place = entry_at<Range>(area_at(area), count);
  if (place == nullptr) return;
  *place = range;
  std::atomic_ref(log_header->ranges).store(area | (count + 1), std::memory_order_release);
}

void note(const char* format, ...) {
  if (!open_log()) return;
  static Note text;
  memset(&text, 0, sizeof text);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text.text, sizeof text.text, format, arguments);
  va_end(arguments);
  const auto* const notes = reinterpret_cast<const Note*>(log_bytes() + kNotesAt);
  for (std::uint32_t i = 0; i < log_header->notes; ++i)
    if (strcmp(notes[i].text, text.text) == 0) return;
  append(kNotesAt, log_header->notes, kMostNotes, text);
}

}  // namespace npyrace::watch
