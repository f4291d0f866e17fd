#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <atomic>

#include "bench/watch/collector/collector.h"

namespace npyrace::watch {
namespace {

constexpr int kMostDescriptors = 65536;
/// By descriptor: 0 if not yet classified, kBoring if it is no watched file, else 1 + the index of
/// the file.
std::uint32_t file_of[kMostDescriptors];

Watched files[kMostFiles];
std::uint32_t file_count = 0;
/// Hash table from device and inode to 1 + the index of the file.
std::uint32_t buckets[2 * kMostFiles];

std::uint32_t bucket_of(std::uint64_t device, std::uint64_t inode) {
  return static_cast<std::uint32_t>(((device * 31 + inode) * 0x9e3779b97f4a7c15ULL) >> 40) %
         (2 * kMostFiles);
}

Watched* find(const struct stat& status) {
  for (std::uint32_t at = bucket_of(status.st_dev, status.st_ino); buckets[at] != 0;
       at = (at + 1) % (2 * kMostFiles)) {
    Watched& file = files[buckets[at] - 1];
    if (file.device == status.st_dev && file.inode == status.st_ino) return &file;
  }
  return nullptr;
}

/// As find. A file that another process has removed, and whose inode number a new file got, is
/// forgotten.
Watched* find(const struct stat& status, std::int64_t born_ns) {
  Watched* const file = find(status);
  if (file == nullptr || file->born_ns == born_ns || file->born_ns == 0 || born_ns == 0 ||
      file->descriptors > 0 || file->mappings > 0)
    return file;
  file->device = file->inode = ~std::uint64_t{0};
  return nullptr;
}

Watched* add(const struct stat& status, std::int64_t born_ns, const char* path, bool lock_only) {
  if (file_count == kMostFiles) {
    note("more than %u files are open: the others are not watched", kMostFiles);
    return nullptr;
  }
  Watched& file = files[file_count++];
  file = {};
  file.device = status.st_dev;
  file.inode = status.st_ino;
  file.born_ns = born_ns;
  struct statfs system;
  file.file_system = statfs(path, &system) == 0 ? static_cast<std::int64_t>(system.f_type) : 0;
  file.logged = file.session = file.last = file.unreleased = kNone;
  file.lock_only = lock_only;
  file.since = file.acquired = now();
  snprintf(file.path, sizeof file.path, "%s", path);
  std::uint32_t at = bucket_of(file.device, file.inode);
  while (buckets[at] != 0) at = (at + 1) % (2 * kMostFiles);
  buckets[at] = file_count;
  return &file;
}

/// Reads the absolute path of a descriptor; false if it has none or is too long.
bool path_of(int descriptor, char* path, std::size_t room) {
  char link[48];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const long length = readlink(link, path, room - 1);
  if (length <= 0) return false;
  path[length] = 0;
  if (length == static_cast<long>(room) - 1) {
    note("a path of more than %zu bytes is not watched", room - 2);
    return false;
  }
  return path[0] == '/';
}

/// The last start or end of a child; 0: there was none.
Moment last_child;

/// How the process got a descriptor.
enum class Got {
  opened,  ///< just now
  before,  ///< it inherited the descriptor, received it through a socket, or renamed its file
};

void begin(Watched& file, Got got) {
  if (got == Got::before) file.shared = true;
  if (file.descriptors > 0 || file.mappings > 0 || file.session != kNone) return;
  file.since = file.acquired = got == Got::opened ? now() : process_start();
  if (got == Got::before && last_child.boot_ns > file.since.boot_ns) file.since = last_child;
}

/// Classifies the descriptor; counts it if its file is watched.
Watched* look_at(int descriptor, const struct stat& status, Got got) {
  char path[sizeof Watched::path];
  const std::int64_t born_ns = birth_of(descriptor, "", AT_EMPTY_PATH, status);
  Watched* file = find(status, born_ns);
  if (file == nullptr) {
    if (!path_of(descriptor, path, sizeof path) || !name_matches(path)) return nullptr;
    file = add(status, born_ns, path, false);
  } else if (file->lock_only) {
    if (!path_of(descriptor, path, sizeof path) || !name_matches(path)) return nullptr;
    file->lock_only = false;
  }
  if (file == nullptr) return nullptr;
  begin(*file, got);
  const long flags = syscall(SYS_fcntl, descriptor, F_GETFL);
  if (flags >= 0) file->open_flags |= 1u << (flags & O_ACCMODE);
  return file;
}

void remember(int descriptor, Watched* file) {
  if (descriptor >= kMostDescriptors) return;
  file_of[descriptor] = file == nullptr ? kBoring : index_of(*file) + 1;
  if (file != nullptr) ++file->descriptors;
}

void begin_session(Watched& file) {
  Session session = {};
  session.file = file.logged;
  session.open_flags = file.open_flags;
  session.opened = file.since;
  session.waited = lineage().waited;
  session.acquired = file.acquired;
  file.session = log_session(session);
  if (file.session != kNone)
    file.last = file.unreleased = file.session;
  else
    file.session = file.last;  // the table is full: the last session is continued
}

}  // namespace

std::int64_t birth_of(int directory, const char* path, int lookup_flags,
                      const struct stat& status) {
#ifdef STATX_BTIME
  struct statx found;
  if (syscall(SYS_statx, directory, path, lookup_flags, STATX_BTIME | STATX_INO, &found) != 0 ||
      (found.stx_mask & STATX_BTIME) == 0 || found.stx_ino != status.st_ino)
    return 0;
  return found.stx_btime.tv_sec * 1000000000 + found.stx_btime.tv_nsec;
#else
  (void)directory;
  (void)path;
  (void)lookup_flags;
  (void)status;
  return 0;
#endif
}

std::int64_t size_of(int descriptor) {
  struct stat status;
  return status_of(descriptor, status) && S_ISREG(status.st_mode) ? status.st_size : 0;
}

bool name_matches(const char* path) {
  const char* patterns = settings.match;
  const char* slash = strrchr(path, '/');
  const char* name = slash == nullptr ? path : slash + 1;
  while (*patterns != 0) {
    const char* end = strchr(patterns, '\n');
    const std::size_t length =
        end == nullptr ? strlen(patterns) : static_cast<std::size_t>(end - patterns);
    char pattern[kMostPatternBytes];
    if (length < sizeof pattern) {
      memcpy(pattern, patterns, length);
      pattern[length] = 0;
      const bool whole = strchr(pattern, '/') != nullptr;
      if (whole && path[0] != '/') return true;  // a pattern with a slash needs the absolute path
      if (fnmatch(pattern, whole ? path : name, 0) == 0) return true;
    }
    patterns += length + (end == nullptr ? 0 : 1);
  }
  return false;
}

std::uint64_t size_before_open(int directory, const char* path, int flags) {
  if ((flags & O_TRUNC) == 0 || path == nullptr || !name_matches(path)) return 0;
  struct stat status;
  if (syscall(SYS_newfstatat, directory, path, &status, 0) != 0 || !S_ISREG(status.st_mode))
    return 0;
  return static_cast<std::uint64_t>(status.st_size);
}

std::uint32_t index_of(const Watched& file) {
  return static_cast<std::uint32_t>(&file - files);
}

Watched* known_file(int descriptor) {
  struct stat status;
  return status_of(descriptor, status) ? find(status) : nullptr;
}

Watched* lockable_file(int descriptor) {
  struct stat status;
  if (!status_of(descriptor, status) || !S_ISREG(status.st_mode)) return nullptr;
  Watched* file = watched_file(descriptor);
  if (file != nullptr) return file;
  const std::int64_t born_ns = birth_of(descriptor, "", AT_EMPTY_PATH, status);
  file = find(status, born_ns);
  char path[sizeof Watched::path];
  if (file == nullptr && path_of(descriptor, path, sizeof path))
    file = add(status, born_ns, path, true);
  return file;
}

Watched* lock_file_at(const char* path) {
  struct stat status;
  if (!status_of(path, status)) return nullptr;
  const std::int64_t born_ns = birth_of(AT_FDCWD, path, 0, status);
  Watched* const file = find(status, born_ns);
  return file != nullptr ? file : add(status, born_ns, path, true);
}

Watched* watched_at(std::uint32_t index) {
  return &files[index];
}

std::uint32_t watched_count() {
  return file_count;
}

bool is_logged(Watched& file) {
  if (file.logged != kNone) return log_header != nullptr;
  file.logged = log_file(file);
  return file.logged != kNone;
}

bool may_be_watched(int descriptor) {
  return descriptor >= kMostDescriptors ||
         (descriptor >= 0 &&
          std::atomic_ref(file_of[descriptor]).load(std::memory_order_relaxed) != kBoring);
}

static Watched* watched_file(int descriptor, Got got) {
  if (descriptor < 0) return nullptr;
  const bool fits = descriptor < kMostDescriptors;
  const std::uint32_t known = fits ? file_of[descriptor] : 0;
  if (known == kBoring) return nullptr;
  struct stat status;
  if (!status_of(descriptor, status)) return nullptr;
  if (known != 0) {
    Watched& file = files[known - 1];
    if (file.device == status.st_dev && file.inode == status.st_ino) return &file;
    // The descriptor was closed and opened by calls that the collector does not see.
    --file.descriptors;
    handle_dropped(file);
  }
  Watched* const file = S_ISREG(status.st_mode) ? look_at(descriptor, status, got) : nullptr;
  remember(descriptor, file);
  return file;
}

Watched* watched_file(int descriptor) {
  return watched_file(descriptor, Got::before);
}

void descriptor_opened(int descriptor, int open_flags) {
  if (descriptor < 0) return;
  descriptor_closed(descriptor);  // if it was closed by a call that the collector does not see
  if ((open_flags & O_ACCMODE) != O_RDONLY) watched_file(descriptor, Got::opened);
}

Watched* descriptor_closing(int descriptor) {
  if (descriptor < 0 || descriptor >= kMostDescriptors) return nullptr;
  const std::uint32_t known = file_of[descriptor];
  file_of[descriptor] = 0;
  if (known == 0 || known == kBoring) return nullptr;
  Watched& file = files[known - 1];
  if (file.descriptors > 0) --file.descriptors;
  return &file;
}

void descriptor_closed(int descriptor) {
  if (Watched* const file = descriptor_closing(descriptor)) handle_dropped(*file);
}

void descriptor_copied(int from, int to) {
  if (from < 0 || to < 0 || from == to) return;
  descriptor_closed(to);
  locks_of_copied(from, to);
  const std::uint32_t known = from < kMostDescriptors ? file_of[from] : 0;
  if (known == kBoring) return remember(to, nullptr);
  watched_file(to, known == 0 ? Got::before : Got::opened);
}

void handle_dropped(Watched& file) {
  if (file.descriptors > 0 || file.mappings > 0) return;
  const Moment time = now();
  if (file.session != kNone && log_header != nullptr) session_in_log(file.session)->closed = time;
  if (file.unreleased != kNone && log_header != nullptr)
    session_in_log(file.unreleased)->released = time;
  file.session = file.unreleased = kNone;
  file.open_flags = 0;
  file.shared = false;
}

/// Logs a change that happened at one moment, as a session of its own.
void log_removal(Watched& file, What what, std::uint64_t from, std::uint64_t to) {
  Session session = {};
  session.file = file.logged;
  session.open_flags = file.open_flags;
  session.waited = lineage().waited;
  session.opened = session.closed = session.acquired = session.released = now();
  const std::uint32_t logged = log_session(session);
  if (logged == kNone) return;
  log_range({.from = from, .to = to, .session = logged, .what = what, .lock = kNone});
}

void wrote(Watched& file, What what, std::uint64_t from, std::uint64_t to) {
  if (from >= to || !is_logged(file)) return;
  if (what == What::truncated || what == What::replaced) return log_removal(file, what, from, to);
  if (file.session == kNone) begin_session(file);
  if (file.session == kNone) return;
  session_in_log(file.session)->closed = {};
  session_in_log(file.session)->open_flags |= file.open_flags;
  // The process id in which this thread was counted: a forked child counts again.
  static thread_local std::int64_t counted_in = 0;
  if (what == What::called && counted_in != log_header->pid) {
    counted_in = log_header->pid;
    ++log_header->threads;
  }
  Range range = {.from = from, .to = to, .session = file.session, .what = what, .lock = kNone};
  enter_lock(range, file);
  log_range(range);
}

void synced(Watched& file) {
  if (file.session != kNone && log_header != nullptr) session_in_log(file.session)->synced = 1;
}

void split_sessions() {
  const Moment time = last_child = now();
  for (std::uint32_t i = 0; i < file_count; ++i) {
    Watched& file = files[i];
    file.shared = file.descriptors > 0;
    if (file.session != kNone && log_header != nullptr) session_in_log(file.session)->closed = time;
    file.session = kNone;
    file.since = time;
  }
}

void forget_sessions() {
  const Moment time = now();
  for (std::uint32_t i = 0; i < file_count; ++i) {
    files[i].logged = files[i].session = files[i].last = files[i].unreleased = kNone;
    files[i].since = time;
  }
  forget_all_locks();
}

/// Lets all descriptors be classified again, because a file got a name that is watched.
static void look_again() {
  for (std::uint32_t& known : file_of)
    if (known == kBoring) known = 0;
}

/// The last name of a file was removed: its inode number may soon belong to another file.
static void forget_removed(const struct stat& status) {
  Watched* const file = status.st_nlink == 1 ? find(status) : nullptr;
  if (file != nullptr && file->descriptors == 0 && file->mappings == 0)
    file->device = file->inode = ~std::uint64_t{0};
}

void file_renamed(const struct stat& status, std::int64_t born_ns, const char* to,
                  const struct stat* replaced) {
  char path[4096];
  if (realpath(to, path) == nullptr || strlen(path) >= sizeof Watched::path) return;
  Watched* file = find(status, born_ns);
  const bool matches = name_matches(path);
  if (file == nullptr && !matches) return;
  const bool unseen = file == nullptr || file->lock_only;
  if (file == nullptr) file = add(status, born_ns, path, false);
  if (file == nullptr) return;
  snprintf(file->path, sizeof file->path, "%s", path);
  log_path(file->logged, path);
  if (!matches) return;
  file->lock_only = false;
  begin(*file, Got::opened);
  if (unseen) {  // it was written under a name that is not watched, at an unknown time
    look_again();
    file->since = process_start();
    wrote(*file, What::moved_here, 0, static_cast<std::uint64_t>(status.st_size));
  }
  if (replaced != nullptr) {
    forget_removed(*replaced);
    const auto larger = replaced->st_size > status.st_size ? replaced->st_size : status.st_size;
    wrote(*file, What::replaced, 0, static_cast<std::uint64_t>(larger));
  }
  handle_dropped(*file);
}

}  // namespace npyrace::watch
