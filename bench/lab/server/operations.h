#pragma once
// The operations that the kernel asks of a node (libfuse's low-level interface): names and
// attributes, data, locks. The session's user data is the Node.

#include "bench/lab/server/call.h"

namespace npyrace::lab {

const fuse_lowlevel_ops& lab_operations();

/// An open file, or an open directory.
struct Handle {
  Descriptor file;
  /// Kept: the kernel may forget the file while its release is still on the way.
  std::shared_ptr<Inode> inode;
  int flags = 0;  ///< as the program gave them to open
  bool writable() const { return (flags & O_ACCMODE) != O_RDONLY; }
};

inline Handle& handle_of(const fuse_file_info& info) {
  return *reinterpret_cast<Handle*>(info.fh);
}

void fill_data_operations(fuse_lowlevel_ops& operations);
void fill_open_operations(fuse_lowlevel_ops& operations);
void fill_name_operations(fuse_lowlevel_ops& operations);
void fill_lock_operations(fuse_lowlevel_ops& operations);

/// Answers with the entry of `name` in `parent`, and lets the kernel know the file.
void reply_entry(fuse_req_t request, fuse_ino_t parent, const char* name);
/// The same as a value: 0 or an errno.
int find_entry(Node& node, fuse_ino_t parent, const char* name, fuse_entry_param& entry);

/// The file's attributes as the node sees them. 0 or an errno.
int read_attributes(Node& node, Inode& inode, struct stat& status);

}  // namespace npyrace::lab
