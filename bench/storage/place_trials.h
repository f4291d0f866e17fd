#pragma once
// Whether the judge of a run really looks past the page cache, tried before anything is believed:
// there are file systems that take O_DIRECT and serve it from memory, and such that keep pages
// whatever POSIX_FADV_DONTNEED asks.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/file/file.h"
#include "validators/scan.h"

namespace npyrace {

struct JudgeTrial {
  bool uncached = true;
  std::string doubt;  ///< why not; empty where it is
};

/// Reads a file of its own in `dir` as the judge will, and looks at what the page cache holds
/// before and after. Where that cannot be told, nothing is held against the judge; where it cannot
/// even be tried (a full disk: the races will say so), that is a doubt.
JudgeTrial try_judge(const std::string& dir, const FileOpener& open_file);

// Whether locks exclude, tried before a strategy that trusts them is raced: there are file systems
// that grant the same bytes to two nodes at once (OCFS2 between some kernels, NFS mounted with
// nolock), and then its verdict would be luck.

/// Takes a lock of a file of its own through each of `dirs` and asks for the same bytes through
/// each of them. Returns why locks are not to be trusted here, in one line; empty: every lock
/// excluded every other. A system that refuses to lock, or to make the file, is a reason in its own
/// words.
std::string try_locks(const std::vector<std::string>& dirs, const FileOpener& open_file);

/// The same between any two who can see one file, each by its path.
class LockHolder {
 public:
  /// Takes the lock. Throws SystemError, and FormatError when it is not granted.
  LockHolder(const std::string& path, const FileOpener& open_file);
  /// In so many words: on FUSE a close alone leaves such a lock with the server.
  void give_up();

 private:
  std::unique_ptr<File> file_;
};

/// Whether another opening is granted the lock that a LockHolder takes; it is given up at once.
/// Throws SystemError.
bool is_lock_granted(const std::string& path, const FileOpener& open_file);

// Reading back through several mounts, past their page caches, where a change may still travel.

/// Two mounts past their caches may disagree for a moment: they are asked again, up to five times
/// in two seconds, before that is believed. Throws as `scan` does.
Findings scan_settled(const ScanRequest& request,
                      const std::function<Findings(const ScanRequest&)>& scan = npyrace::scan);

}  // namespace npyrace
