#pragma once
// What passes between a run and its readers, as lines of text.

#include <cstdint>
#include <string>

#include "core/array_map.h"
#include "core/result.h"

namespace npyrace {

/// What one reader must know.
struct ReaderOrder {
  ArrayRequest array;
  std::uint64_t stamp_seed = 0;
  std::string path;
  std::string read_path;  ///< a row of read_path_table
  std::string view;       ///< "mmap@DIR"
};

/// One line each. The ways back throw FormatError.
std::string to_text(const ReaderOrder& order);
ReaderOrder reader_order_from_text(const std::string& text);
std::string to_text(const ReadersResult& seen);
ReadersResult readers_result_from_text(const std::string& text);

}  // namespace npyrace
