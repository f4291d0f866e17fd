#pragma once
// Which ways of reading a race file back exist here.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/file/file.h"
#include "validators/scan.h"

namespace npyrace {

/// The view of the file at `path` that decides: past the page cache of its mount, or, where the
/// file system refuses O_DIRECT, after giving up the cached pages. Throws SystemError.
View choose_judge(const std::string& path, const std::string& dir, const FileOpener& open_file);

/// Every other view of the file, through every mount. Reads a byte of each to find out, and so
/// brings pages into the caches: only for files that nobody will write any more.
std::vector<View> choose_views(const std::vector<std::string>& paths,
                               const std::vector<std::string>& dirs, const FileOpener& open_file,
                               const View& judge);

/// One view by name. Throws UsageError.
View make_view(const char* read_path, const std::string& path, const std::string& dir);

// The state of a file's pages on the writers' nodes before a race. On NFS it decides who loses.

struct CacheRow {
  const char* name;
  const char* summary;
  /// Brings the caches into the state, through every mount of the file. Throws SystemError.
  void (*prepare)(const std::vector<std::string>& paths, const FileOpener& open_file);
  bool drops;  ///< pages are to be gone, in a lab also from what its server knows
};

/// The one table of cache states.
std::span<const CacheRow> cache_table();
/// Throws UsageError with a suggestion.
const CacheRow& find_cache(std::string_view name);

}  // namespace npyrace
