#pragma once
// Trials of a directory before a race: does the judge bypass the page cache, do locks exclude each
// other, do mounts agree? Some file systems accept O_DIRECT and serve it from memory, keep pages
// despite POSIX_FADV_DONTNEED, or grant one lock to two nodes.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/file/file.h"
#include "validators/scan.h"

namespace npyrace {

struct JudgeTrial {
  bool uncached = true;
  std::string doubt;  ///< why not; empty if uncached
};

/// Reads a temporary file in `dir` as the judge does and compares the page cache's content before
/// and after. Returns uncached = true if the cache cannot be inspected, and false with the reason
/// if the trial fails, for example on a full disk.
JudgeTrial try_judge(const std::string& dir, const FileOpener& open_file);

// Trial of locks before strategies that need them. OCFS2 between some kernels and NFS mounted with
// nolock grant the same bytes to two nodes at once; a verdict on such a strategy would be luck.

/// Locks a temporary file through each of `dirs` and requests the same bytes through each of them.
/// Returns why locks do not work here, in one line; empty: every lock excluded every other. An
/// error while creating or locking the file is also such a reason.
std::string try_locks(const std::vector<std::string>& dirs, const FileOpener& open_file);

/// Locks a file for a trial between processes or hosts, each of which uses its own path of that
/// file.
class LockHolder {
 public:
  /// Takes the lock. Throws SystemError, and FormatError when it is not granted.
  LockHolder(const std::string& path, const FileOpener& open_file);
  /// Unlocks explicitly: on FUSE, close alone leaves the lock at the server.
  void give_up();

 private:
  std::unique_ptr<File> file_;
};

/// Tries to get the lock that a LockHolder holds, through a second open, and releases it at once.
/// Returns whether it was granted. Throws SystemError.
bool is_lock_granted(const std::string& path, const FileOpener& open_file);

// Reading back through several mounts while changes may still be propagating.

/// Scans; while uncached reads through different mounts disagree, scans again, up to five times
/// within two seconds, before it reports the difference. Throws as `scan` does.
Findings scan_settled(const ScanRequest& request,
                      const std::function<Findings(const ScanRequest&)>& scan = npyrace::scan);

}  // namespace npyrace
