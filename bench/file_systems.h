#pragma once
// File systems: what each one's own documentation promises to writers that share a page, a block or
// a file. A verdict is set beside the promise.

#include <span>
#include <string_view>

namespace npyrace {

struct FileSystemRow {
  const char* name;  ///< as /proc/self/mountinfo calls the type; without a subtype
  const char* promise;
  const char* unit;  ///< in which it caches or locks
  const char* source;
  bool one_node;  ///< reachable from one node only: one page cache, one truth
};

/// The one table of file systems; the last row stands for every type not listed.
std::span<const FileSystemRow> file_system_table();
/// The row of a mount's type ("fuse.glusterfs" is looked up whole, then as "fuse").
const FileSystemRow& file_system_of(std::string_view fs_type);

}  // namespace npyrace
