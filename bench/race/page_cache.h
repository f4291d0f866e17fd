#pragma once
// The state of a file's pages on the writers' nodes before a race. On NFS it decides who loses.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/file.h"

namespace npyrace {

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
