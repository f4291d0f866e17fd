#include "bench/storage/mounts.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/file/posix_file.h"

namespace npyrace {
namespace {

constexpr const char* kOneNode = "one node: all writers share one page cache";
constexpr const char* kCloseToOpen =
    "close-to-open: others see data after close, when they open afterwards; writers of one page are "
    "not kept apart";

const std::vector<OptionNote> kNfsOptions{
    {"nolock", "nolock: locks do not reach the other nodes"},
    {"local_lock=all", "local_lock=all: locks do not reach the other nodes"},
    {"local_lock=posix", "local_lock=posix: fcntl locks do not reach the other nodes"},
    {"noac",
     "noac: attributes are asked anew and writes are synchronous; it was seen not to save records "
     "of shared pages"},
    {"sync", "sync: it was seen not to save records of shared pages"},
    {"lookupcache=none", "lookupcache=none: it was seen not to save records of shared pages"},
};

const std::vector<FileSystemRow> kFileSystems{
    {"ext4", Promised::coherent, kOneNode, "page", "POSIX write()", true},
    {"xfs", Promised::coherent, kOneNode, "page", "POSIX write()", true},
    {"btrfs", Promised::coherent, kOneNode, "page", "POSIX write()", true},
    {"f2fs", Promised::coherent, kOneNode, "page", "POSIX write()", true},
    {"bcachefs", Promised::coherent, kOneNode, "page", "POSIX write()", true},
    {"zfs", Promised::coherent, "one node: cache coherent between mmap and write",
     "record (128 KiB)", "zfsprops(7), recordsize", true},
    {"tmpfs", Promised::coherent, "one node: the page cache is the file system", "page", "tmpfs(5)",
     true},
    {"overlay", Promised::coherent,
     "as the upper file system; a file opened before copy-up stays the lower one", "page",
     "kernel docs, filesystems/overlayfs", true},
    {"nfs", Promised::close_to_open, kCloseToOpen, "page", "nfs(5), DATA AND METADATA COHERENCE",
     false, kNfsOptions, true},
    {"nfs4", Promised::close_to_open, kCloseToOpen, "page", "nfs(5), DATA AND METADATA COHERENCE",
     false, kNfsOptions, true},
    {"lustre",
     Promised::coherent,
     "POSIX: distributed locks keep the clients' caches coherent",
     "lock extent within a stripe",
     "Lustre Operations Manual, Distributed Lock Manager",
     false,
     {{"localflock", "localflock: locks do not reach the other nodes"},
      {"noflock", "noflock: locks are refused"}},
     false,
     "lustre.lov"},
    {"gpfs", Promised::coherent, "POSIX: byte-range tokens keep the nodes' caches coherent",
     "block, token range", "IBM Storage Scale, GPFS architecture", false},
    {"beegfs", Promised::nothing, "no coherence between clients' file caches", "buffer (512 KiB)",
     "BeeGFS docs, client tuning: tuneFileCacheType", false},
    {"ceph", Promised::coherent_except_mmap,
     "POSIX for calls within an object; pages mapped on several nodes are not kept coherent",
     "object (4 MiB)", "Ceph docs, Differences from POSIX", false},
    {"ocfs2",
     Promised::coherent,
     "POSIX: a lock manager keeps the nodes' caches coherent; the lock covers the file",
     "file",
     "kernel docs, filesystems/ocfs2",
     false,
     {{"coherency=buffered", "coherency=buffered: O_DIRECT writers are not kept apart"},
      {"localflocks", "localflocks: flock does not reach the other nodes"}}},
    {"gfs2",
     Promised::coherent,
     "POSIX: a lock manager keeps the nodes' caches coherent; the lock covers the file",
     "file",
     "kernel docs, filesystems/gfs2",
     false,
     {{"localflocks", "localflocks: locks do not reach the other nodes"},
      {"lockproto=lock_nolock", "lock_nolock: for one node only"}}},
    {"9p",
     Promised::depends,
     "by cache=: none caches nothing, loose and mmap are not coherent",
     "page",
     "kernel docs, filesystems/9p",
     false,
     {{"cache=none", "cache=none: nothing is cached"},
      {"cache=loose", "cache=loose: caches are not kept coherent"},
      {"cache=mmap", "cache=mmap: mapped pages are not kept coherent"}}},
    {"virtiofs", Promised::depends, "by cache=: metadata and never ask the host, always does not",
     "page", "virtiofsd documentation", false},
    {"cifs",
     Promised::depends,
     "oplocks and leases; cache=none or strict for shared files",
     "page",
     "mount.cifs(8)",
     false,
     {{"cache=loose", "cache=loose: caches are not kept coherent"},
      {"cache=strict", "cache=strict: cached only while the server grants it"},
      {"cache=none", "cache=none: nothing is cached"}},
     true},
    {"smb3",
     Promised::depends,
     "oplocks and leases; cache=none or strict for shared files",
     "page",
     "mount.cifs(8)",
     false,
     {{"cache=loose", "cache=loose: caches are not kept coherent"}},
     true},
    {"fuse.glusterfs", Promised::nothing,
     "no coherence between clients' page caches; fsync reaches the bricks", "page",
     "Gluster docs, performance translators", false},
    {"fuse.rclone", Promised::nothing,
     "with --vfs-cache-mode writes or full, close sends the whole file; else files are only written "
     "from their beginning",
     "file", "rclone mount, VFS file caching", false},
    {"fuse.sshfs",
     Promised::nothing,
     "no coherence between mounts; close sends the data",
     "page",
     "sshfs(1)",
     false,
     {},
     true},
    {"fuse", Promised::depends,
     "whatever its server promises; each mount has a page cache of its own", "page",
     "kernel docs, filesystems/fuse-io", false},
    {"other", Promised::depends, "not in our table: measured, not looked up", "unknown", "none",
     false},
};

/// "cache=" matches any value, other names match exactly.
bool is_option(std::string_view given, std::string_view wanted) {
  return wanted.ends_with('=') ? given.starts_with(wanted) : given == wanted;
}

}  // namespace

const char* promised_name(Promised promised) {
  switch (promised) {
    case Promised::coherent:
      return "coherent";
    case Promised::coherent_except_mmap:
      return "coherent-except-mmap";
    case Promised::close_to_open:
      return "close-to-open";
    case Promised::nothing:
      return "nothing";
    case Promised::depends:
      break;
  }
  return "depends";
}

std::span<const FileSystemRow> file_system_table() {
  return kFileSystems;
}

const FileSystemRow& file_system_of(std::string_view fs_type) {
  const std::string_view family = fs_type.substr(0, fs_type.find('.'));
  for (const std::string_view wanted : {fs_type, family})
    for (const FileSystemRow& row : kFileSystems)
      if (row.name == wanted) return row;
  return file_system_table().back();
}

std::vector<std::string> option_notes(const FileSystemRow& row, std::string_view mount_options) {
  std::vector<std::string> notes;
  for (const OptionNote& wanted : row.options)
    if (std::ranges::any_of(split(mount_options, ','), [&](const std::string& option) {
          return is_option(option, wanted.option);
        }))
      notes.emplace_back(wanted.note);
  return notes;
}

namespace {

/// A line of /proc/self/mountinfo, see proc(5).
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

/// The mount id in mountinfo; empty if the kernel (before 5.8) does not report it.
std::string mount_id_of(const std::string& dir) {
  struct statx status {};
  if (::statx(AT_FDCWD, dir.c_str(), 0, STATX_MNT_ID, &status) != 0) {
    if (!is_missing_call(errno)) throw SystemError({dir, "statx"}, errno);
    return "";
  }
  return (status.stx_mask & STATX_MNT_ID) != 0 ? std::to_string(status.stx_mnt_id) : "";
}

/// The mount of `dir`. Falls back to the device, which is imprecise: on btrfs no line has the
/// device of a subvolume, and of several (bind) mounts of a device the last one is taken.
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

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::string place_in_lab(const std::string& dir) {
  const std::string nodes = variable("NPYRACE_LAB");
  if (nodes.empty()) return "";
  std::vector<std::pair<std::string, std::string>> places{
      {variable("NPYRACE_LAB_STORE"), "{store}"}};
  for (const std::string& node : split(nodes, ':'))
    places.emplace_back(node, fmt::format("{{n{}}}", places.size()));
  for (const auto& [folder, place] : places)
    if (dir == folder || dir.starts_with(folder + "/")) return place + dir.substr(folder.size());
  return "";
}

std::string surrounding_lab() {
  return variable("NPYRACE_LAB_COMMAND");
}

Environment look_at_environment(const std::vector<Mount>& mounts) {
  Environment environment{.page_bytes = page_bytes(), .version = NPYRACE_VERSION};
  for (const Mount& mount : mounts) {
    environment.mounts.push_back(mount.description);
    environment.mounts.back().place = place_in_lab(mount.description.dir);
    if (!environment.mounts.back().place.empty()) environment.lab_command = surrounding_lab();
  }
  utsname system{};
  if (::uname(&system) == 0) {
    environment.kernel = fmt::format("{} {}", system.sysname, system.release);
    environment.host_name = system.nodename;
  }
  return environment;
}

}  // namespace npyrace
