#pragma once
// A disk in a file that has no name: whatever ends this process, nothing is left of it.

#include <cstdint>
#include <string>

#include "bench/lab/descriptor.h"

namespace npyrace {

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
