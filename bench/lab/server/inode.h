#pragma once
// Inodes of the lab: files of the store that at least one node's kernel references.

#include <sys/stat.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bench/lab/server/file_locks.h"
#include "bench/lab/server/lab_file.h"
#include "core/os/descriptor.h"

namespace npyrace::lab {

struct Inode : std::enable_shared_from_this<Inode> {
  Inode(Descriptor path_in, const struct stat& status, const LabFile::Setup& setup)
      : path(std::move(path_in)),
        device(status.st_dev),
        number(status.st_ino),
        regular(S_ISREG(status.st_mode)),
        file(setup),
        publication_due(setup.nodes) {}

  Descriptor path;  ///< O_PATH descriptor; keeps the file alive while a kernel references it
  dev_t device;
  ino_t number;
  bool regular;
  unsigned table_node = 0;
  std::uint64_t lookups = 0;                      ///< over all nodes; guarded by the table's mutex
  std::atomic<std::uint64_t> size_told_bytes{0};  ///< size last reported to the kernel
  LabFile file;
  FileLocks locks;
  std::vector<std::atomic<bool>> publication_due;  ///< per node

  /// A path by which the file can be reopened.
  std::string reopen_path() const;
};

/// Inodes by device and inode number. All nodes share one inode and its LabFile, except in models
/// whose kernels cache sizes independently: there each node has its own inodes.
class InodeTable {
 public:
  InodeTable(LabFile::Setup setup, bool separate_nodes, Descriptor root);

  /// Counts a lookup. `status` must be the file's.
  std::shared_ptr<Inode> remember(unsigned node, Descriptor path, const struct stat& status);
  void forget(Inode& inode, std::uint64_t lookups);

  Inode& root() { return *root_; }
  std::vector<std::shared_ptr<Inode>> all();

 private:
  struct Key {
    unsigned node;
    dev_t device;
    ino_t number;
    auto operator<=>(const Key&) const = default;
  };
  bool kernel_has_old_size(Inode& inode, unsigned node, const struct stat& status) const;

  LabFile::Setup setup_;
  bool separate_nodes_;
  std::shared_ptr<Inode> root_;
  std::mutex mutex_;
  std::map<Key, std::weak_ptr<Inode>> current_;  ///< Also alive while a publication is pending.
  std::map<const Inode*, std::shared_ptr<Inode>> known_;  ///< referenced by some kernel
};

}  // namespace npyrace::lab
