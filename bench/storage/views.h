#pragma once
// Selection of the views through which a race file is read back, and the page cache states that can
// be set before a generation.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/file/file.h"
#include "validators/scan.h"

namespace npyrace {

/// Returns the view whose content decides the verdict: O_DIRECT or, if the file system refuses it,
/// reading after the cached pages were dropped. Throws SystemError.
View choose_judge(const std::string& path, const std::string& dir, const FileOpener& open_file);

/// Returns all other usable views through every mount. Tests each by reading one byte, which fills
/// page caches: call it only for files that are no longer written.
std::vector<View> choose_views(const std::vector<std::string>& paths,
                               const std::vector<std::string>& dirs, const FileOpener& open_file,
                               const View& judge);

/// Returns the view of that read path. Throws UsageError.
View make_view(const char* read_path, const std::string& path, const std::string& dir);

// Page cache states of the writers' nodes before a generation. On NFS the state determines which
// records are lost.

struct CacheRow {
  const char* name;
  const char* summary;
  /// Establishes the state through every mount of the file. Throws SystemError.
  void (*prepare)(const std::vector<std::string>& paths, const FileOpener& open_file);
  bool drops;  ///< pages are dropped; a lab's server must drop its pages, too
};

/// The one table of cache states.
std::span<const CacheRow> cache_table();
/// Throws UsageError with a suggestion.
const CacheRow& find_cache(std::string_view name);

}  // namespace npyrace
