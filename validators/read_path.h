#pragma once
// Ways of reading a file back. One table; a view of the file is a read path and a mount.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/file/file.h"

namespace npyrace {

/// Reads one file, with a buffer of its own: one a thread.
class Reader {
 public:
  virtual ~Reader() = default;
  /// The bytes [offset, offset + size); what lies beyond the end of the file reads as zeros. Valid
  /// until the next read. Throws SystemError.
  virtual std::span<const std::byte> read(std::uint64_t offset_bytes, std::size_t size_bytes) = 0;
};

struct ReadPathRow {
  const char* name;
  const char* summary;
  bool uncached;  ///< asks the store, not this node's page cache
  std::unique_ptr<Reader> (*open)(const FileOpener& open_file, const std::string& path);
};

/// The one table of read paths.
std::span<const ReadPathRow> read_path_table();
/// Throws UsageError with a suggestion.
const ReadPathRow& find_read_path(std::string_view name);

}  // namespace npyrace
