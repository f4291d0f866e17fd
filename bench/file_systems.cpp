#include "bench/file_systems.h"

namespace npyrace {
namespace {

constexpr FileSystemRow kFileSystems[] = {
    {"ext4", "one node: all writers share one page cache", "page", "POSIX write()", true},
    {"xfs", "one node: all writers share one page cache", "page", "POSIX write()", true},
    {"btrfs", "one node: all writers share one page cache", "page", "POSIX write()", true},
    {"zfs", "one node: cache coherent between mmap and write", "record (128 KiB)",
     "zfsprops(7), recordsize", true},
    {"tmpfs", "one node: the page cache is the file system", "page", "tmpfs(5)", true},
    {"overlay", "as the upper file system; a file opened before copy-up stays the lower one",
     "page", "kernel docs, filesystems/overlayfs", true},
    {"nfs", "close-to-open: others see data after close, when they open afterwards", "page",
     "nfs(5), DATA AND METADATA COHERENCE", false},
    {"nfs4", "close-to-open: others see data after close, when they open afterwards", "page",
     "nfs(5), DATA AND METADATA COHERENCE", false},
    {"lustre", "POSIX: distributed locks keep the clients' caches coherent", "stripe, lock extent",
     "Lustre Operations Manual, Distributed Lock Manager", false},
    {"gpfs", "POSIX: byte-range tokens keep the nodes' caches coherent", "block, token range",
     "IBM Storage Scale, GPFS architecture", false},
    {"beegfs", "no coherence between clients' file caches", "buffer (512 KiB)",
     "BeeGFS docs, client tuning: tuneFileCacheType", false},
    {"ceph", "POSIX within an object; capabilities revoke caches of shared files", "object (4 MiB)",
     "Ceph docs, Differences from POSIX", false},
    {"ocfs2", "POSIX: a lock manager keeps the nodes' caches coherent; the lock covers the file",
     "file", "kernel docs, filesystems/ocfs2", false},
    {"gfs2", "POSIX: a lock manager keeps the nodes' caches coherent; the lock covers the file",
     "file", "kernel docs, filesystems/gfs2", false},
    {"9p", "depends on cache=: none is uncached, loose and mmap are not coherent", "page",
     "kernel docs, filesystems/9p", false},
    {"cifs", "oplocks and leases; cache=none or strict for shared files", "page", "mount.cifs(8)",
     false},
    {"fuse.glusterfs", "no coherence between clients' page caches; fsync reaches the bricks",
     "page", "Gluster docs, performance translators", false},
    {"fuse", "whatever its server promises; each mount has a page cache of its own", "page",
     "kernel docs, filesystems/fuse-io", false},
    {"other", "not in our table: measured, not looked up", "unknown", "none", false},
};

}  // namespace

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

}  // namespace npyrace
