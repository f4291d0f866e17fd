#pragma once
// Coordination with user programs, whose code is not ours: StartGate gives them a common start,
// OpenWatch observes their use of the file.
//
// StartGate makes one FIFO per program. A program that opens and reads it blocks until all do: in
// Python open(os.environ["NPYRACE_GO"]).read(), in a shell cat "$NPYRACE_GO".

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

  /// True once a program is waiting at FIFO number `index`.
  bool is_waited_at(std::size_t index);

  /// Releases all waiting programs at once.
  void open();

 private:
  std::vector<std::string> paths_;
  std::vector<int> descriptors_;  // -1: no program waits yet
};

// Records when the file is open and whether a program truncates or replaces it; the writes of a
// user program cannot be observed. A mapping keeps the file open, too.

/// Watches one file through several mounts by inotify, which reports only the opens of this machine
/// through the watched mount.
class OpenWatch {
 public:
  /// `caches[i]` names the page cache behind paths[i]. Throws SystemError.
  OpenWatch(const std::vector<std::string>& paths, const std::vector<std::uint64_t>& caches);
  OpenWatch(const OpenWatch&) = delete;
  OpenWatch& operator=(const OpenWatch&) = delete;
  ~OpenWatch();

  /// Waits at most so long for inotify events and processes all that have arrived.
  void wait(int at_most_milliseconds);

  /// Seconds in which the file was open through at least two page caches at once or, if there is
  /// only one, at least twice.
  double overlap_seconds() const { return overlap_seconds_; }
  /// Share of these seconds in the time in which the file was open at all, 0 to 1.
  double overlap_share() const;

  /// True if the file was truncated, or its space released, after it had been opened at least
  /// twice: a program opened it with O_TRUNC while another was writing. Checked at every event and
  /// every wait; a file that is refilled within microseconds can be missed.
  bool was_emptied() const { return emptied_; }
  /// How often another file was moved over it.
  std::uint64_t times_replaced() const { return replaced_; }

 private:
  struct Watched {
    std::string path;
    std::string name;                ///< file name within its folder
    int folder = -1;                 ///< watch descriptor of the folder
    int watch = -1;                  ///< of the file that currently has the name
    std::vector<int> replaced = {};  ///< watch descriptors of files that had the name before
    std::uint64_t cache = 0;
    std::int64_t open = 0;  ///< current number of opens
    std::uint64_t inode = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t space_bytes = 0;  ///< initially allocated bytes, if the file system reports them
  };
  int add(const std::string& path, std::uint32_t what);
  void note(int watch, std::uint32_t what, const char* name);
  void look_at_sizes();
  bool is_open() const;
  bool overlapping() const;

  int descriptor_ = -1;
  std::vector<Watched> watched_;  // one per page cache
  std::int64_t last_ns_ = 0;
  double overlap_seconds_ = 0;
  double open_seconds_ = 0;
  std::uint64_t openings_ = 0;
  std::uint64_t replaced_ = 0;
  bool emptied_ = false;
};

}  // namespace npyrace
