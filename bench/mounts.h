#pragma once
// What is known of the directories that writers go through.

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"

namespace npyrace {

struct Mount {
  MountResult description;
  std::uint64_t cache = 0;       ///< equal for directories behind one page cache (st_dev)
  std::uint64_t free_bytes = 0;  ///< what this user may still write
};

/// Throws SystemError when a directory is not there, is no directory, or cannot be written.
std::vector<Mount> look_at_mounts(const std::vector<std::string>& dirs);

/// This machine and program.
Environment look_at_environment(const std::vector<Mount>& mounts);

}  // namespace npyrace
