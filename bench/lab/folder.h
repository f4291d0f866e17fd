#pragma once
// Mounts of this process's view of the system, and taking them away.

#include <string>
#include <vector>

namespace npyrace::lab {

/// Mount points at or below `folder`, deepest first.
std::vector<std::string> mounts_below(const std::string& folder);

/// Takes the topmost mount at `path` away, also from those who still use it; as root by the system
/// call, otherwise by fusermount3. Whether it worked is seen in mounts_below.
void unmount(const std::string& path);

// The private directory of a lab. It holds `owner` (who, for humans; locked while the lab or its
// server lives), `store`, and the mount points n1, n2, …

class LabFolder {
 public:
  /// Makes a fresh directory below $TMPDIR. Throws SystemError.
  LabFolder();
  LabFolder(const LabFolder&) = delete;
  LabFolder& operator=(const LabFolder&) = delete;
  /// Unmounts what is left and removes the directory.
  ~LabFolder();

  const std::string& path() const { return path_; }
  std::string store() const { return path_ + "/store"; }
  /// Nodes count from 0.
  std::string mount(unsigned node) const;
  /// Keeps the lock of `owner`: hand it to the server, so that the lock lasts as long as either.
  int owner_descriptor() const { return owner_; }

 private:
  std::string path_;
  int owner_ = -1;
};

/// Unmounts everything below the directory and removes it, unless a mount stays: what is behind a
/// mount must never be deleted. Returns what could not be done, or an empty text.
std::string remove_lab_folder(const std::string& path);

/// Removes directories of labs whose processes are all dead: ours by name, by owner, by the
/// content of `owner`, and with a lock that nobody holds. Says so on standard error.
void tidy_dead_labs();

}  // namespace npyrace::lab
