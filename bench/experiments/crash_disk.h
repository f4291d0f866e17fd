#pragma once
// A file system mounted where no other process can see it, and a power cut for it.

#include <cstdint>
#include <string>

#include "core/os/descriptor.h"

namespace npyrace {

class CrashMount {
 public:
  /// The mount is attached to no folder (fsopen, fsmount): it ends with its descriptor, that is
  /// with this process at the latest. Needs root. Throws SystemError; ENODEV is a kernel without
  /// this file system.
  CrashMount(const std::string& fs_type, const std::string& device);

  /// Of the file system, for this process and its children.
  std::string root() const;

  /// All that was written so far is on the disk. Throws SystemError.
  void sync() const;

  /// From now on nothing reaches the disk, not even the log: FS_IOC_GOINGDOWN with NOLOGFLUSH. What
  /// writers do fails. Throws SystemError.
  void cut() const;

 private:
  lab::Descriptor mount_;
};

// A disk in a file that has no name: whatever ends this process, nothing is left of it.

class LoopDisk {
 public:
  /// A sparse file in `dir`, behind a loop device that detaches itself when nobody has it open any
  /// more. Needs root. Throws SystemError.
  LoopDisk(const std::string& dir, std::uint64_t size_bytes);

  const std::string& device() const { return device_; }

 private:
  lab::Descriptor loop_;  ///< holds the device, and with it the file
  std::string device_;
};

}  // namespace npyrace
