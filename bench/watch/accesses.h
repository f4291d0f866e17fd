#pragma once
// The logs of all processes, arranged by file: the same file may have several names, devices and,
// after a rename, inodes.

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "bench/watch/process_log.h"
#include "core/result/watch.h"

namespace npyrace::watch {

/// When and how a process held a file open while it wrote.
struct Held {
  Moment opened, closed;  ///< closed is 0 if the process was killed, which ends no session
  /// The program itself has waited for accesses that ended before this moment (Lineage::waited).
  Moment waited;
  std::string boot_id;
  /// Between different page caches only these moments order accesses: when the process got its
  /// first descriptor or mapping of the file, and when it gave up the last one (0: not yet).
  Moment acquired = {}, released = {};
  Moment started = {};  ///< the process
  Lineage before = {};  ///< that
  std::int64_t pid = 0;
  std::string cache = {};
};

/// A lock that excludes other holders of the same bytes of the same file.
struct LockId {
  std::string file;  ///< identity of the locked file; empty: no lock
  bool by_flock = false;
  bool own_bytes = false;  ///< exactly the written bytes were locked; `bytes` is not used
  ByteRange bytes = {0, std::numeric_limits<std::uint64_t>::max()};

  auto operator<=>(const LockId&) const = default;
};

struct Access {
  ByteRange range;
  std::uint64_t writer = 0;  ///< index in the file's writers
  Held held;
  What what = What::called;
  LockId lock;

  bool is_stored() const { return what == What::stored || what == What::may_store; }
  /// How exact the range is.
  bool is_exact() const { return what == What::called || what == What::moved_here; }
  /// True if the access changed the whole file at one moment.
  bool removes() const { return what == What::truncated || what == What::replaced; }
};

struct AccessedFile {
  WatchedFile file;  ///< path, page size and writers
  std::vector<Access> accesses;
};

/// Files that were written, in the order of their first access.
std::vector<AccessedFile> accesses_by_file(const std::vector<ProcessLog>& logs);

/// The type of a file system as the kernel names it; "fuse" for every one in user space.
std::string file_system_name(std::int64_t magic);

}  // namespace npyrace::watch
