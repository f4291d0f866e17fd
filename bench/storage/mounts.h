#pragma once
// Documented consistency guarantees per file system type, and the mounts that a run uses. Reports
// show the guarantee beside the verdict.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// Consistency guarantee for writers on different nodes.
enum class Promised {
  coherent,              ///< as if all writers ran on one node
  coherent_except_mmap,  ///< coherent for read and write; mapped pages are not kept coherent
  /// Data are visible to an open after the writer's close; no guarantee for shared pages.
  close_to_open,
  nothing,  ///< caches are not kept coherent
  depends,  ///< depends on mount options or the server
};
const char* promised_name(Promised promised);

/// A mount option that changes the guarantee, or is commonly believed to.
struct OptionNote {
  const char* option;  ///< as in /proc/self/mountinfo: "nolock", or "cache=" for any value of cache
  const char* note;
};

struct FileSystemRow {
  const char* name;  ///< type as in /proc/self/mountinfo, without a subtype
  Promised promised;
  const char* promise;  ///< the guarantee in words
  const char* unit;     ///< unit of caching or locking
  const char* source;   ///< reference for the guarantee
  bool one_node;        ///< mounted by one node only: a single page cache
  std::vector<OptionNote> options = {};
  /// New files get the server's time, not the node's.
  bool server_sets_times = false;
  /// Extended attribute of a file that tells how it is striped (stripe.h); nullptr: none is known.
  const char* stripe_attribute = nullptr;
};

/// The one table of file systems; the last row is the default for unlisted types.
std::span<const FileSystemRow> file_system_table();
/// Returns the row of a mount's type; "fuse.glusterfs" is looked up as such, then as "fuse".
const FileSystemRow& file_system_of(std::string_view fs_type);

/// Returns the notes that apply to a mount's options.
std::vector<std::string> option_notes(const FileSystemRow& row, std::string_view mount_options);

// Mounts behind the directories that writers use.

struct Mount {
  MountResult description;
  std::uint64_t cache = 0;       ///< equal for directories that share a page cache (st_dev)
  std::uint64_t free_bytes = 0;  ///< free space available to this user
};

/// Throws SystemError when one of `dirs` does not exist, is not a directory, or is not writable.
std::vector<Mount> look_at_mounts(const std::vector<std::string>& dirs);

/// A directory of the lab that this process runs in, as a COMMAND of `npyrace lab` names it:
/// "{n1}",
/// "{n2}/below". Empty outside a lab, and for other directories.
std::string place_in_lab(const std::string& dir);

/// "npyrace lab --model nfs": the command of the lab that this process runs in; empty: none.
std::string surrounding_lab();

/// Describes this machine, this program and the mounts.
Environment look_at_environment(const std::vector<Mount>& mounts);

}  // namespace npyrace
