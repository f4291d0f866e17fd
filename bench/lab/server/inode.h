#pragma once
// The files of the store that some node's kernel knows.

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

  Descriptor path;  ///< O_PATH: keeps the file while any kernel knows it
  dev_t device;
  ino_t number;
  bool regular;
  unsigned table_node = 0;
  std::uint64_t lookups = 0;                      ///< over all nodes; the table's mutex guards it
  std::atomic<std::uint64_t> size_told_bytes{0};  ///< what the kernel was last told
  LabFile file;
  FileLocks locks;
  std::vector<std::atomic<bool>> publication_due;  ///< by node

  /// A path by which the file can be opened again.
  std::string reopen_path() const;
};

/// Files by device and number. One inode serves all nodes, so that they share its LabFile; in a
/// model whose kernels keep sizes for themselves, each node has inodes of its own.
class InodeTable {
 public:
  InodeTable(LabFile::Setup setup, bool separate_nodes, Descriptor root);

  /// Counts a lookup. `status` is the file's.
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
  std::map<Key, std::weak_ptr<Inode>> current_;           ///< alive also while a publication is due
  std::map<const Inode*, std::shared_ptr<Inode>> known_;  ///< to some kernel
};

}  // namespace npyrace::lab
