#include "bench/launchers/open_watch.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/os/stopwatch.h"

namespace npyrace {

StartGate::StartGate(std::vector<std::string> paths)
    : paths_(std::move(paths)), descriptors_(paths_.size(), -1) {
  for (const std::string& path : paths_)
    if (::mkfifo(path.c_str(), 0600) != 0) throw SystemError({path, "mkfifo"}, errno);
}

StartGate::~StartGate() {
  open();
  for (const std::string& path : paths_) ::unlink(path.c_str());
}

/// Opening the write end of a FIFO fails with ENXIO until the read end is open.
bool StartGate::is_waited_at(std::size_t index) {
  int& descriptor = descriptors_[index];
  if (descriptor < 0) descriptor = ::open(paths_[index].c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  return descriptor >= 0;
}

void StartGate::open() {
  for (int& descriptor : descriptors_)
    if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
}

namespace {

constexpr std::uint32_t kOpenings = IN_OPEN | IN_CLOSE;
constexpr std::uint32_t kNewNames = IN_MOVED_TO | IN_CREATE;

struct Extent {
  std::uint64_t inode = 0;
  std::uint64_t size_bytes = 0;
  std::uint64_t space_bytes = 0;
};

/// Size and allocated space as cached on this node: a request to the server would make an NFS
/// client write back its pages, which would change the race.
std::optional<Extent> extent_of(const std::string& path) {
  struct statx status {};
  constexpr unsigned kWanted = STATX_INO | STATX_SIZE | STATX_BLOCKS;
  if (::statx(AT_FDCWD, path.c_str(), AT_STATX_DONT_SYNC, kWanted, &status) != 0)
    return std::nullopt;
  constexpr std::uint64_t kBlockBytes = 512;  // unit of stx_blocks on all file systems
  return Extent{status.stx_ino, status.stx_size, status.stx_blocks * kBlockBytes};
}

/// True if overwriting a file on this file system keeps its allocated space, so that less space
/// means truncation.
bool keeps_space(const std::string& path) {
  struct statfs status {};
  if (::statfs(path.c_str(), &status) != 0) return false;
  return status.f_type == EXT4_SUPER_MAGIC || status.f_type == XFS_SUPER_MAGIC ||
         status.f_type == TMPFS_MAGIC || status.f_type == BTRFS_SUPER_MAGIC;
}

}  // namespace

OpenWatch::OpenWatch(const std::vector<std::string>& paths,
                     const std::vector<std::uint64_t>& caches) {
  descriptor_ = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (descriptor_ < 0) throw SystemError({paths.front(), "inotify_init1"}, errno);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    // Paths behind one page cache share an inode, so one watch covers them.
    const bool known = std::ranges::any_of(
        watched_, [&](const Watched& watched) { return watched.cache == caches[i]; });
    if (known) continue;
    // inotify merges equal consecutive events. The folder's watch adds an event between two open
    // events of the file, so none is merged.
    const std::filesystem::path path(paths[i]);
    const int folder = add(path.parent_path().string(), kOpenings | kNewNames);
    const Extent extent = extent_of(paths[i]).value_or(Extent{});
    watched_.push_back({.path = paths[i],
                        .name = path.filename().string(),
                        .folder = folder,
                        .watch = add(paths[i], kOpenings),
                        .cache = caches[i],
                        .inode = extent.inode,
                        .size_bytes = extent.size_bytes,
                        .space_bytes = keeps_space(paths[i]) ? extent.space_bytes : 0});
  }
  last_ns_ = monotonic_ns();
}

int OpenWatch::add(const std::string& path, std::uint32_t what) {
  const int watch = ::inotify_add_watch(descriptor_, path.c_str(), what);
  if (watch >= 0) return watch;
  const int error_number = errno;
  ::close(std::exchange(descriptor_, -1));
  throw SystemError({path, "inotify_add_watch"}, error_number);
}

OpenWatch::~OpenWatch() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void OpenWatch::wait(int at_most_milliseconds) {
  pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
  ::poll(&waiting, 1, at_most_milliseconds);
  look_at_sizes();
  alignas(inotify_event) std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t size = ::read(descriptor_, buffer.data(), buffer.size());
    if (size <= 0) break;
    for (ssize_t at = 0; at < size;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      note(event.wd, event.mask, event.len > 0 ? buffer.data() + at + sizeof event : "");
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
    look_at_sizes();
  }
}

/// Attributes the time since the last event to the previous state: inotify events have no
/// timestamps.
void OpenWatch::note(int watch, std::uint32_t what, const char* name) {
  const std::int64_t now_ns = monotonic_ns();
  const double passed_seconds = static_cast<double>(now_ns - last_ns_) * 1e-9;
  if (is_open()) open_seconds_ += passed_seconds;
  if (overlapping()) overlap_seconds_ += passed_seconds;
  last_ns_ = now_ns;
  for (Watched& watched : watched_) {
    if (watched.folder == watch && (what & kNewNames) != 0 && watched.name == name) {
      ++replaced_;
      watched.replaced.push_back(watched.watch);
      watched.watch = ::inotify_add_watch(descriptor_, watched.path.c_str(), kOpenings);
    }
    if (watched.watch != watch && std::ranges::count(watched.replaced, watch) == 0) continue;
    if ((what & IN_OPEN) != 0) {
      ++watched.open;
      ++openings_;
    }
    // A file that was moved here may have been opened before it was watched.
    if ((what & IN_CLOSE) != 0 && watched.open > 0) --watched.open;
  }
}

/// Truncation before the second open cannot destroy data.
void OpenWatch::look_at_sizes() {
  if (emptied_ || openings_ < 2) return;
  for (const Watched& watched : watched_) {
    const auto now = extent_of(watched.path);
    if (!now || now->inode != watched.inode) continue;  // replaced by another file
    emptied_ |= now->size_bytes < watched.size_bytes || now->space_bytes < watched.space_bytes / 2;
  }
}

double OpenWatch::overlap_share() const {
  return open_seconds_ > 0 ? overlap_seconds_ / open_seconds_ : 0;
}

bool OpenWatch::is_open() const {
  return std::ranges::any_of(watched_, [](const Watched& w) { return w.open > 0; });
}

bool OpenWatch::overlapping() const {
  if (watched_.size() == 1) return watched_[0].open >= 2;
  return std::ranges::count_if(watched_, [](const Watched& w) { return w.open > 0; }) >= 2;
}

}  // namespace npyrace
