#include "bench/mounts.h"

#include <fcntl.h>
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
  std::string id;      ///< "36"
  std::string device;  ///< "8:1"
  std::string options;
  std::string fs_type;
  std::string super_options;
};

MountLine parse_mount_line(const std::string& line) {
  std::istringstream words(line);
  MountLine result;
  std::string skipped;
  words >> result.id >> skipped >> result.device >> skipped >> skipped >> result.options;
  while (words >> skipped && skipped != "-") {
  }
  words >> result.fs_type >> skipped >> result.super_options;
  return result;
}

/// The mount's number in mountinfo; empty when the kernel (before 5.8) does not tell.
std::string mount_id_of(const std::string& dir) {
  struct statx status {};
  if (::statx(AT_FDCWD, dir.c_str(), 0, STATX_MNT_ID, &status) != 0)
    throw SystemError({dir, "statx"}, errno);
  return (status.stx_mask & STATX_MNT_ID) != 0 ? std::to_string(status.stx_mnt_id) : "";
}

/// The mount that `dir` lies in. The device is only a makeshift: on btrfs no line names the device
/// of a subvolume, and of several mounts of one device (bind mounts) the last is taken.
MountLine mount_of(const std::string& dir, dev_t device) {
  const std::string id = mount_id_of(dir);
  const std::string device_name = fmt::format("{}:{}", major(device), minor(device));
  std::ifstream lines("/proc/self/mountinfo");
  MountLine found{.fs_type = "unknown"};
  for (std::string line; std::getline(lines, line);) {
    MountLine candidate = parse_mount_line(line);
    const bool same = id.empty() ? candidate.device == device_name : candidate.id == id;
    if (same) found = std::move(candidate);
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
  const MountLine line = mount_of(dir, status.st_dev);
  const FileSystemRow& row = file_system_of(line.fs_type);
  return {.description = {.dir = dir,
                          .fs_type = line.fs_type,
                          .mount_options = all_options(line),
                          .block_bytes = space.f_bsize,
                          .promise = row.promise,
                          .promised = promised_name(row.promised),
                          .source = row.source,
                          .unit = row.unit,
                          .one_node = row.one_node,
                          .option_notes = option_notes(row, all_options(line))},
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
