#pragma once
// Which ways of reading a race file back exist here.

#include <string>
#include <vector>

#include "core/file.h"
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

}  // namespace npyrace
