#include "bench/launchers/open_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "bench/stopwatch.h"
#include "core/error.h"

namespace npyrace {

OpenWatch::OpenWatch(const std::vector<std::string>& paths,
                     const std::vector<std::uint64_t>& caches) {
  descriptor_ = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (descriptor_ < 0) throw SystemError({paths.front(), "inotify_init1"}, errno);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    // Two paths behind one page cache are one file: one watch sees both.
    const bool known = std::ranges::any_of(
        watched_, [&](const Watched& watched) { return watched.cache == caches[i]; });
    if (known) continue;
    // The kernel merges an event with an equal one before it. The folder's own event of every
    // opening lies between two of the file's, and so none is swallowed.
    add(std::filesystem::path(paths[i]).parent_path().string());
    watched_.push_back({.watch = add(paths[i]), .cache = caches[i]});
  }
  last_ns_ = monotonic_ns();
}

int OpenWatch::add(const std::string& path) {
  const int watch = ::inotify_add_watch(descriptor_, path.c_str(), IN_OPEN | IN_CLOSE);
  if (watch >= 0) return watch;
  const int error_number = errno;
  ::close(descriptor_);
  throw SystemError({path, "inotify_add_watch"}, error_number);
}

OpenWatch::~OpenWatch() {
  ::close(descriptor_);
}

void OpenWatch::wait(int at_most_milliseconds) {
  pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
  ::poll(&waiting, 1, at_most_milliseconds);
  alignas(inotify_event) std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t size = ::read(descriptor_, buffer.data(), buffer.size());
    if (size <= 0) return;
    for (ssize_t at = 0; at < size;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      note(event.wd, event.mask);
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
  }
}

/// Time passes between events; events themselves carry none, and are read as they come.
void OpenWatch::note(int watch, std::uint32_t what) {
  const std::int64_t now_ns = monotonic_ns();
  const double passed_seconds = static_cast<double>(now_ns - last_ns_) * 1e-9;
  if (is_open()) open_seconds_ += passed_seconds;
  if (overlapping()) overlap_seconds_ += passed_seconds;
  last_ns_ = now_ns;
  for (Watched& watched : watched_) {
    if (watched.watch != watch) continue;
    if ((what & IN_OPEN) != 0) ++watched.open;
    if ((what & IN_CLOSE) != 0) --watched.open;
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
