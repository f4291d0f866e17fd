#pragma once
// File systems: what each one's own documentation promises to writers that share a page, a block or
// a file. A verdict is set beside the promise.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// What is promised to writers on different nodes.
enum class Promised {
  coherent,       ///< as if all ran on one node
  close_to_open,  ///< data is seen after close by who opens then; nothing about shared pages
  nothing,        ///< caches are not kept coherent
  depends,        ///< on options or on a server that this table cannot know
};
const char* promised_name(Promised promised);

/// A mount option that changes the promise, or that people believe changes it.
struct OptionNote {
  const char* option;  ///< as in mountinfo: "nolock", or "cache=" for any value of it
  const char* note;
};

struct FileSystemRow {
  const char* name;  ///< as /proc/self/mountinfo calls the type; without a subtype
  Promised promised;
  const char* promise;  ///< in words
  const char* unit;     ///< in which it caches or locks
  const char* source;   ///< of the promise
  bool one_node;        ///< reachable from one node only: one page cache, one truth
  std::vector<OptionNote> options = {};
  /// The server's clock, not the node's, sets the time of a new file.
  bool server_sets_times = false;
};

/// The one table of file systems; the last row stands for every type not listed.
std::span<const FileSystemRow> file_system_table();
/// The row of a mount's type ("fuse.glusterfs" is looked up whole, then as "fuse").
const FileSystemRow& file_system_of(std::string_view fs_type);

/// The notes on options that a mount has.
std::vector<std::string> option_notes(const FileSystemRow& row, std::string_view mount_options);

// What is known of the directories that writers go through.

struct Mount {
  MountResult description;
  std::uint64_t cache = 0;       ///< equal for directories behind one page cache (st_dev)
  std::uint64_t free_bytes = 0;  ///< what this user may still write
};

/// Throws SystemError when a directory is not there, is no directory, or cannot be written.
std::vector<Mount> look_at_mounts(const std::vector<std::string>& dirs);

/// This machine and program.
Environment look_at_environment(const std::vector<Mount>& mounts);

}  // namespace npyrace
