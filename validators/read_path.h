#pragma once
// The table of read paths: ways to read a file back. A view is a read path and a mount.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/file/file.h"

namespace npyrace {

/// Reads one file with a buffer of its own; use one per thread.
class Reader {
 public:
  virtual ~Reader() = default;
  /// Returns the bytes [offset, offset + size), zeros beyond the end of the file. Valid until the
  /// next read. Throws SystemError.
  virtual std::span<const std::byte> read(std::uint64_t offset_bytes, std::size_t size_bytes) = 0;
};

struct ReadPathRow {
  const char* name;
  const char* summary;
  bool uncached;  ///< bypasses this node's page cache
  std::unique_ptr<Reader> (*open)(const FileOpener& open_file, const std::string& path);
};

/// The one table of read paths.
std::span<const ReadPathRow> read_path_table();
/// Throws UsageError with a suggestion.
const ReadPathRow& find_read_path(std::string_view name);

}  // namespace npyrace
