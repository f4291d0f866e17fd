#include "bench/lab/folder.h"

#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>

#include "core/base/error.h"
#include "core/os/process.h"

namespace npyrace::lab {
namespace {

/// Decodes \ooo, by which mountinfo escapes blanks and backslashes.
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
  std::reverse(mounts.begin(), mounts.end());  // later mounts may lie on earlier ones
  return mounts;
}

void unmount(const std::string& path) {
  // MNT_FORCE aborts pending operations, which would keep the file system alive.
  for (const int force : {int{MNT_FORCE}, 0})  // root in a container may lack that permission
    if (::umount2(path.c_str(), force | MNT_DETACH | UMOUNT_NOFOLLOW) == 0) return;
  const auto child = spawn({.arguments = {"fusermount3", "-u", "-z", "-q", path}, .output = kNull});
  if (child) wait_for_exit(*child);
}

std::string remove_lab_folder(const std::string& path) {
  for (const std::string& mount : mounts_below(path)) unmount(mount);
  if (const auto left = mounts_below(path); !left.empty())
    return fmt::format("{} is still mounted; unmount it and remove the directory", left.front());
  return remove_folder(path);
}

LabFolder::LabFolder() : folder_("lab", remove_lab_folder) {
  if (::mkdir(store().c_str(), 0700) != 0) throw SystemError({store(), "mkdir"}, errno);
}

std::string LabFolder::mount(unsigned node) const {
  return folder_.file(fmt::format("n{}", node + 1));
}

}  // namespace npyrace::lab
