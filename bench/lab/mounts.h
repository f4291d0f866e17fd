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

}  // namespace npyrace::lab
