#pragma once
// Disks for power cut experiments: a disk image behind a loop device, and a private mount whose
// file system can be shut down.

#include <cstdint>
#include <string>

#include "core/os/descriptor.h"

namespace npyrace {

class CrashMount {
 public:
  /// Mounts without a mount point (fsopen, fsmount): the mount ends with its descriptor, at the
  /// latest with this process. Requires root. Throws SystemError; ENODEV means that the kernel
  /// lacks this file system.
  CrashMount(const std::string& fs_type, const std::string& device);

  /// Root of the file system, valid in this process and its children.
  std::string root() const;

  /// Writes all data to the disk (syncfs). Throws SystemError.
  void sync() const;

  /// Simulates a power cut: nothing reaches the disk any more, not even the journal
  /// (FS_IOC_GOINGDOWN with NOLOGFLUSH). Later writes fail. Throws SystemError.
  void cut() const;

 private:
  Descriptor mount_;
};

// A disk image in an unlinked file: nothing remains after the process ends.

class LoopDisk {
 public:
  /// Creates a sparse file in `dir` behind a loop device that detaches when it is last closed.
  /// Requires root. Throws SystemError.
  LoopDisk(const std::string& dir, std::uint64_t size_bytes);

  const std::string& device() const { return device_; }

 private:
  Descriptor loop_;  ///< keeps the device and thereby the file
  std::string device_;
};

}  // namespace npyrace
