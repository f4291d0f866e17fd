#pragma once
// POSIX byte-range locks and flock of one file, effective between all nodes. Every owner has an
// open file description of its own on the store's file, so the host kernel splits, merges and
// grants locks; this class only tracks the owners.

#include <fcntl.h>

#include <cstdint>
#include <map>
#include <mutex>

#include "core/file/byte_ranges.h"
#include "core/os/descriptor.h"

namespace npyrace::lab {

class FileLocks {
 public:
  struct Who {
    unsigned node = 0;
    std::uint64_t owner = 0;
    auto operator<=>(const Who&) const = default;
  };

  /// F_SETLK for `who`, requested through the open file `handle`. Returns 0, EAGAIN if another
  /// owner holds the range, or another errno. `path` is any descriptor of the file, also an O_PATH
  /// one.
  int set(Who who, std::uint64_t handle, int path, const struct flock& lock);
  /// F_GETLK: fills `lock`. Returns 0 or an errno.
  int get(Who who, int path, struct flock& lock);
  /// Non-blocking flock(2). Returns 0, EWOULDBLOCK, or another errno.
  int set_flock(Who who, int path, int operation);
  /// Releases all locks of `who`.
  void release(Who who);
  /// Releases the locks last requested through a file that is now closed: at close the kernel
  /// notifies FUSE of a process's locks, but not of those of an open file description
  /// (F_OFD_SETLK).
  void release_handle(std::uint64_t handle);

  /// True if the node holds a lock other than a write lock of the whole file.
  bool partial_on(unsigned node);
  bool any_on(Who who);

 private:
  struct Owner {
    Descriptor file;
    ByteRanges held;
    bool whole_write = false;
    bool flocked = false;
    std::uint64_t handle = 0;  ///< file of the last F_SETLK
  };
  /// Requires the mutex. Returns nullptr and sets errno if the file cannot be opened.
  Owner* owner(Who who, int path);

  std::mutex mutex_;
  std::map<Who, Owner> owners_;
};

}  // namespace npyrace::lab
