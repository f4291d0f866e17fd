#include "bench/lab/mounts.h"

#include <fcntl.h>
#include <sys/mount.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "bench/lab/spawn.h"

namespace npyrace::lab {
namespace {

/// mountinfo writes blanks and backslashes as \ooo.
std::string unescaped(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain += static_cast<char>(std::stoi(text.substr(i + 1, 3), nullptr, 8));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

}  // namespace

std::vector<std::string> mounts_below(const std::string& folder) {
  std::vector<std::string> mounts;
  std::ifstream table("/proc/self/mountinfo");
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string skipped;
    std::string point;
    fields >> skipped >> skipped >> skipped >> skipped >> point;
    point = unescaped(point);
    if (point == folder || point.starts_with(folder + "/")) mounts.push_back(point);
  }
  std::reverse(mounts.begin(), mounts.end());  // later mounts stand on earlier ones
  return mounts;
}

void unmount(const std::string& path) {
  // Force ends operations that still wait, so that nobody keeps the file system alive.
  for (const int force : {int{MNT_FORCE}, 0})  // a container's root may lack the right to it
    if (::umount2(path.c_str(), force | MNT_DETACH | UMOUNT_NOFOLLOW) == 0) return;
  const auto child = spawn({.arguments = {"fusermount3", "-u", "-z", "-q", path}, .quiet = true});
  if (child) wait_for_exit(*child);
}

}  // namespace npyrace::lab
