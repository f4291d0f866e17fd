#pragma once
// Who holds a file open, and when: for programs whose writing we cannot see. A mapping holds its
// file open, too.

#include <cstdint>
#include <string>
#include <vector>

namespace npyrace {

/// Watches one file through several mounts (inotify). What this machine's processes open through a
/// mount is seen on that mount only.
class OpenWatch {
 public:
  /// `caches[i]` names the page cache behind paths[i]. Throws SystemError.
  OpenWatch(const std::vector<std::string>& paths, const std::vector<std::uint64_t>& caches);
  OpenWatch(const OpenWatch&) = delete;
  OpenWatch& operator=(const OpenWatch&) = delete;
  ~OpenWatch();

  /// Waits at most so long for something to happen, and takes note of all that has.
  void wait(int at_most_milliseconds);

  /// Seconds in which the file was open through at least two page caches at once, or, where there
  /// is only one, at least twice.
  double overlap_seconds() const { return overlap_seconds_; }
  /// Of the time in which it was open at all, the share of those seconds; 0 to 1.
  double overlap_share() const;

 private:
  struct Watched {
    int watch = -1;
    std::uint64_t cache = 0;
    std::int64_t open = 0;  ///< how often it is open now
  };
  int add(const std::string& path);
  void note(int watch, std::uint32_t what);
  bool is_open() const;
  bool overlapping() const;

  int descriptor_ = -1;
  std::vector<Watched> watched_;  // one a page cache
  std::int64_t last_ns_ = 0;
  double overlap_seconds_ = 0;
  double open_seconds_ = 0;
};

}  // namespace npyrace
