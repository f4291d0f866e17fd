#pragma once
// Byte-range locks and flock of one file, honoured between all nodes. Every owner has an open
// file description of its own on the store's file, so the host kernel itself splits, merges, and
// decides; here is only remembered who holds what.

#include <fcntl.h>

#include <cstdint>
#include <map>
#include <mutex>

#include "bench/lab/byte_ranges.h"
#include "core/os/descriptor.h"

namespace npyrace::lab {

class FileLocks {
 public:
  struct Who {
    unsigned node = 0;
    std::uint64_t owner = 0;
    auto operator<=>(const Who&) const = default;
  };

  /// F_SETLK for `who`, asked through the open file `handle`: 0, EAGAIN where others hold it, or
  /// another errno. `path` is any descriptor of the file, O_PATH too.
  int set(Who who, std::uint64_t handle, int path, const struct flock& lock);
  /// F_GETLK: fills `lock`. 0 or an errno.
  int get(Who who, int path, struct flock& lock);
  /// flock(2) without waiting: 0, EWOULDBLOCK, or another errno.
  int set_flock(Who who, int path, int operation);
  /// All locks of `who` go.
  void release(Who who);
  /// The open file is gone, and with it locks that were last asked for through it: the kernel tells
  /// FUSE of those of a process when it closes, and never of those of an open file (F_OFD_SETLK).
  void release_handle(std::uint64_t handle);

  /// Whether the node holds a lock other than a write lock of all the file.
  bool partial_on(unsigned node);
  bool any_on(Who who);

 private:
  struct Owner {
    Descriptor file;
    ByteRanges held;
    bool whole_write = false;
    bool flocked = false;
    std::uint64_t handle = 0;  ///< of the last F_SETLK
  };
  /// Needs the mutex. Nothing, with errno, where the file cannot be opened.
  Owner* owner(Who who, int path);

  std::mutex mutex_;
  std::map<Who, Owner> owners_;
};

}  // namespace npyrace::lab
