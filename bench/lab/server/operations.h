#pragma once
// Implementation of the FUSE low-level operations: names and attributes, data, locks. The session's
// user data is the Node.

#include "bench/lab/server/call.h"

namespace npyrace::lab {

const fuse_lowlevel_ops& lab_operations();

/// An open file or directory.
struct Handle {
  Descriptor file;
  /// Keeps the inode: the kernel may forget it before the release arrives.
  std::shared_ptr<Inode> inode;
  int flags = 0;  ///< as passed to open
  bool writable() const { return (flags & O_ACCMODE) != O_RDONLY; }
};

inline Handle& handle_of(const fuse_file_info& info) {
  return *reinterpret_cast<Handle*>(info.fh);
}

void fill_data_operations(fuse_lowlevel_ops& operations);
void fill_open_operations(fuse_lowlevel_ops& operations);
void fill_name_operations(fuse_lowlevel_ops& operations);
void fill_lock_operations(fuse_lowlevel_ops& operations);

/// Replies with the entry of `name` in `parent` and counts the kernel's reference.
void reply_entry(fuse_req_t request, fuse_ino_t parent, const char* name);
/// The same without a reply. Returns 0 or an errno.
int find_entry(Node& node, fuse_ino_t parent, const char* name, fuse_entry_param& entry);

/// The file's attributes as seen by the node. Returns 0 or an errno.
int read_attributes(Node& node, Inode& inode, struct stat& status);

}  // namespace npyrace::lab
