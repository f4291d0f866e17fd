#pragma once
// The files of strategy `file-per-writer`: one NPY file per writer, collected by writer 0.

#include <string>
#include <vector>

#include "core/array/array_map.h"

namespace npyrace {

/// Path of one writer's part of one generation, beside the array. race_file_owner (race_file.h)
/// recognises the form, to remove leftovers.
std::string part_path(const std::string& array_path, std::uint64_t writer, unsigned generation);
/// Temporary name of the part until it is complete.
std::string unfinished_part_path(const std::string& part_path);

/// Describes a packed array of only this writer's records. Requires at least one.
ArrayMap part_map(const ArrayMap& map, std::uint64_t writer);

/// Reads records of a part through a small buffer; fast when read in order.
class PartReader {
 public:
  /// Returns false when the file does not exist: its writer did not get so far. Waits up to five
  /// seconds for a file that is still shorter than the part.
  bool open(const FileOpener& open_file, const std::string& path, const ArrayMap& part);
  /// Returns the writer's record number `position`, valid until the next call. Throws FormatError
  /// when the file ends before it.
  std::span<const std::byte> record(std::uint64_t position);
  File& file() { return *file_; }

 private:
  std::unique_ptr<File> file_;
  std::uint64_t data_offset_bytes_ = 0;
  std::uint64_t record_bytes_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t first_ = 0;  ///< first record in the buffer
  std::uint64_t held_ = 0;   ///< number of records in the buffer
  std::vector<std::byte> buffer_;
};

}  // namespace npyrace
