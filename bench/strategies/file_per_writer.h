#pragma once
// Strategies that write to another file first: one NPY file per writer, collected by writer 0, and
// a node-local file that is copied into the shared one.

#include <string>
#include <vector>

#include "bench/strategies/strategy.h"
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

// Each writer writes its records, in its order, to an NPY file of its own beside the array. Writer
// 0 copies them into the array when all have finished, and removes the files.

class FilePerWriterStrategy final : public Strategy {
 public:
  struct Way {
    bool in_kernel = false;  ///< copies runs with copy_file_range; else reads, assembles and writes
  };
  explicit constexpr FilePerWriterStrategy(Way way) : way_(way) {}
  Together together() const override { return Together::collect; }
  std::string unfit_for(const ArrayMap& map) const override;
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;

 private:
  Way way_;
};

// Writes to an unnamed file on the node first and copies it to the shared file at every sync, so
// that the shared file receives few and large writes.

class LocalThenCopyStrategy final : public Strategy {
 public:
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
  bool stores_locally() const override { return true; }
};

}  // namespace npyrace
