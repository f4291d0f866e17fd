#pragma once
// The temporary folder of a lab with its mount points, and the removal of mounts and folders, also
// of labs that crashed.

#include <string>
#include <vector>

#include "core/os/temporary_folder.h"

namespace npyrace::lab {

/// Mount points at or below `folder`, deepest first, in this process's mount namespace.
std::vector<std::string> mounts_below(const std::string& folder);

/// Detaches the topmost mount at `path`, even if it is in use: as root by umount2, otherwise by
/// fusermount3. Use mounts_below to check the result.
void unmount(const std::string& path);

/// Unmounts everything below the directory and removes it, unless a mount remains: files behind a
/// mount must never be deleted. Returns an error message, or an empty string.
std::string remove_lab_folder(const std::string& path);

// A lab's folder contains `owner` (locked while the lab or its server lives), `store`, and the
// mount points n1, n2, …

class LabFolder {
 public:
  /// Creates a new directory below $TMPDIR; removes those of labs that were killed. Throws
  /// SystemError.
  LabFolder();

  const std::string& path() const { return folder_.path(); }
  std::string store() const { return folder_.file("store"); }
  /// Nodes are counted from 0.
  std::string mount(unsigned node) const;
  /// Descriptor that holds the lock of `owner`. The server inherits it, so that the lock lasts as
  /// long as either process.
  int owner_descriptor() const { return folder_.owner_descriptor(); }

 private:
  TemporaryFolder folder_;
};

}  // namespace npyrace::lab
