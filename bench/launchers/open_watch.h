#pragma once
// A common start for programs that are not ours. Each has a FIFO; who opens it for reading and
// reads waits until all have: in Python open(os.environ["NPYRACE_GO"]).read(), in a shell cat
// "$NPYRACE_GO".

#include <cstdint>
#include <string>
#include <vector>

namespace npyrace {

class StartGate {
 public:
  /// Makes a FIFO at each path. Throws SystemError.
  explicit StartGate(std::vector<std::string> paths);
  StartGate(const StartGate&) = delete;
  StartGate& operator=(const StartGate&) = delete;
  ~StartGate();

  /// Looks whether somebody waits at gate number `index`; true from then on.
  bool is_waited_at(std::size_t index);

  /// Lets all who wait go at once.
  void open();

 private:
  std::vector<std::string> paths_;
  std::vector<int> descriptors_;  // -1: nobody waits yet
};

// Watches when a file is open, and whether a program strikes the whole of it: for programs whose
// writing we cannot see. A mapping holds its file open, too.

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

  /// Whether the file was emptied, or its space given back, after it had been opened at least
  /// twice: by a program that opens it with O_TRUNC while another is at work. Seen at every event
  /// and every wait; a file that is full again within microseconds can be missed.
  bool was_emptied() const { return emptied_; }
  /// How often another file was moved over it.
  std::uint64_t times_replaced() const { return replaced_; }

 private:
  struct Watched {
    std::string path;
    std::string name;                ///< in its folder
    int folder = -1;                 ///< watch of the folder
    int watch = -1;                  ///< of the file that has the name now
    std::vector<int> replaced = {};  ///< watches of files that had it before
    std::uint64_t cache = 0;
    std::int64_t open = 0;  ///< how often it is open now
    std::uint64_t inode = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t space_bytes = 0;  ///< that it had at first, where that tells anything
  };
  int add(const std::string& path, std::uint32_t what);
  void note(int watch, std::uint32_t what, const char* name);
  void look_at_sizes();
  bool is_open() const;
  bool overlapping() const;

  int descriptor_ = -1;
  std::vector<Watched> watched_;  // one a page cache
  std::int64_t last_ns_ = 0;
  double overlap_seconds_ = 0;
  double open_seconds_ = 0;
  std::uint64_t openings_ = 0;
  std::uint64_t replaced_ = 0;
  bool emptied_ = false;
};

}  // namespace npyrace
