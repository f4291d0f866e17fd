#include "bench/file_systems.h"

#include <ranges>

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
      {"noflock", "noflock: locks are refused"}}},
    {"gpfs", Promised::coherent, "POSIX: byte-range tokens keep the nodes' caches coherent",
     "block, token range", "IBM Storage Scale, GPFS architecture", false},
    {"beegfs", Promised::nothing, "no coherence between clients' file caches", "buffer (512 KiB)",
     "BeeGFS docs, client tuning: tuneFileCacheType", false},
    {"ceph", Promised::coherent,
     "POSIX within an object; capabilities revoke caches of shared files", "object (4 MiB)",
     "Ceph docs, Differences from POSIX", false},
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

/// "cache=" stands for every value, anything else for itself.
bool is_option(std::string_view given, std::string_view wanted) {
  return wanted.ends_with('=') ? given.starts_with(wanted) : given == wanted;
}

}  // namespace

const char* promised_name(Promised promised) {
  switch (promised) {
    case Promised::coherent:
      return "coherent";
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
    for (const auto part : std::views::split(mount_options, ','))
      if (is_option(std::string_view(part.begin(), part.end()), wanted.option)) {
        notes.emplace_back(wanted.note);
        break;
      }
  return notes;
}

}  // namespace npyrace
