#include "bench/mounts.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "bench/file_systems.h"
#include "core/error.h"
#include "core/posix_file.h"

namespace npyrace {
namespace {

/// A line of /proc/self/mountinfo; see proc(5).
struct MountLine {
  std::string device;  ///< "8:1"
  std::string options;
  std::string fs_type;
  std::string super_options;
};

MountLine parse_mount_line(const std::string& line) {
  std::istringstream words(line);
  MountLine result;
  std::string skipped;
  words >> skipped >> skipped >> result.device >> skipped >> skipped >> result.options;
  while (words >> skipped && skipped != "-") {
  }
  words >> result.fs_type >> skipped >> result.super_options;
  return result;
}

/// The mount of a device; of several (bind mounts) the last, which lies on top.
MountLine mount_of(dev_t device) {
  const std::string wanted = fmt::format("{}:{}", major(device), minor(device));
  std::ifstream lines("/proc/self/mountinfo");
  MountLine found{.fs_type = "unknown"};
  for (std::string line; std::getline(lines, line);) {
    MountLine candidate = parse_mount_line(line);
    if (candidate.device == wanted) found = std::move(candidate);
  }
  return found;
}

std::string all_options(const MountLine& line) {
  if (line.super_options.empty()) return line.options;
  return line.options + "," + line.super_options;
}

Mount look_at_mount(const std::string& dir) {
  struct stat status {};
  if (::stat(dir.c_str(), &status) != 0) throw SystemError({dir, "stat"}, errno);
  if (!S_ISDIR(status.st_mode)) throw SystemError({dir, "open"}, ENOTDIR);
  if (::access(dir.c_str(), W_OK | X_OK) != 0) throw SystemError({dir, "access"}, errno);
  struct statvfs space {};
  if (::statvfs(dir.c_str(), &space) != 0) throw SystemError({dir, "statvfs"}, errno);
  const MountLine line = mount_of(status.st_dev);
  return {.description = {.dir = dir,
                          .fs_type = line.fs_type,
                          .mount_options = all_options(line),
                          .block_bytes = space.f_bsize,
                          .promise = file_system_of(line.fs_type).promise},
          .cache = status.st_dev,
          .free_bytes = std::uint64_t{space.f_bavail} * space.f_frsize};
}

}  // namespace

std::vector<Mount> look_at_mounts(const std::vector<std::string>& dirs) {
  std::vector<Mount> mounts;
  for (const std::string& dir : dirs) mounts.push_back(look_at_mount(dir));
  return mounts;
}

Environment look_at_environment(const std::vector<Mount>& mounts) {
  Environment environment{.page_bytes = page_bytes(), .version = NPYRACE_VERSION};
  for (const Mount& mount : mounts) environment.mounts.push_back(mount.description);
  utsname system{};
  if (::uname(&system) == 0) {
    environment.kernel = fmt::format("{} {}", system.sysname, system.release);
    environment.host_name = system.nodename;
  }
  return environment;
}

}  // namespace npyrace
