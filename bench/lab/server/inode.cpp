#include "bench/lab/server/inode.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace npyrace::lab {

std::string Inode::reopen_path() const {
  return fmt::format("/proc/self/fd/{}", path.number());
}

InodeTable::InodeTable(LabFile::Setup setup, bool separate_nodes, Descriptor root)
    : setup_(setup), separate_nodes_(separate_nodes) {
  struct stat status {};
  ::fstatat(root.number(), "", &status, AT_EMPTY_PATH);
  root_ = std::make_shared<Inode>(std::move(root), status, setup_);
}

/// With a write-back cache a kernel trusts its own file size as long as it references the inode. If
/// another node has changed the size and this node has the file not open, only a new inode can
/// report the new size.
bool InodeTable::kernel_has_old_size(Inode& inode, unsigned node, const struct stat& status) const {
  return separate_nodes_ && inode.regular && !inode.file.open_on(node) &&
         inode.size_told_bytes != static_cast<std::uint64_t>(status.st_size);
}

std::shared_ptr<Inode> InodeTable::remember(unsigned node, Descriptor path,
                                            const struct stat& status) {
  const std::lock_guard lock(mutex_);
  const unsigned table_node = separate_nodes_ ? node : 0;
  auto& slot = current_[{table_node, status.st_dev, status.st_ino}];
  std::shared_ptr<Inode> inode = slot.lock();
  if (inode == nullptr || kernel_has_old_size(*inode, node, status)) {
    inode = std::make_shared<Inode>(std::move(path), status, setup_);
    inode->table_node = table_node;
    slot = inode;
  } else if (inode->regular) {
    // The descriptor takes the name of this lookup: the old one may be gone after link or rename.
    ::dup3(path.number(), inode->path.number(), O_CLOEXEC);
  }
  known_[inode.get()] = inode;
  ++inode->lookups;
  inode->size_told_bytes = static_cast<std::uint64_t>(status.st_size);
  return inode;
}

void InodeTable::forget(Inode& inode, std::uint64_t lookups) {
  std::shared_ptr<Inode> last;  // destroyed after the mutex is released
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(&inode);
  if (found == known_.end()) return;
  inode.lookups -= std::min(lookups, inode.lookups);
  if (inode.lookups > 0) return;
  last = found->second;
  known_.erase(found);
  const auto current = current_.find({inode.table_node, inode.device, inode.number});
  const bool ends_here = last.use_count() == 1;
  if (current != current_.end() && current->second.lock() == last && ends_here)
    current_.erase(current);
}

std::vector<std::shared_ptr<Inode>> InodeTable::all() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Inode>> inodes;
  for (const auto& [address, inode] : known_) inodes.push_back(inode);
  return inodes;
}

}  // namespace npyrace::lab
