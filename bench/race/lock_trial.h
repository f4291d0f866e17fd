#pragma once
// Whether locks exclude, tried before a strategy that trusts them is raced: there are file systems
// that grant the same bytes to two nodes at once (OCFS2 between some kernels, NFS mounted with
// nolock), and then its verdict would be luck.

#include <memory>
#include <string>
#include <vector>

#include "core/file.h"

namespace npyrace {

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

}  // namespace npyrace
