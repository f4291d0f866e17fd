#pragma once
// The file of one writer's records beside the array, and how it is read back.

#include <string>
#include <vector>

#include "bench/strategies/strategy.h"
#include "core/array/array_map.h"

namespace npyrace {

/// Beside the array, of one generation; race_file_name.h knows the form, to clean up.
std::string part_path(const std::string& array_path, std::uint64_t writer, unsigned generation);
/// What it is called until it is whole.
std::string unfinished_part_path(const std::string& part_path);

/// An array of just this writer's records, packed. Needs at least one.
ArrayMap part_map(const ArrayMap& map, std::uint64_t writer);

/// Reads records, mostly in their order, through a small buffer.
class PartReader {
 public:
  /// False when there is no such file: its writer did not come so far. Waits up to five seconds for
  /// a file that is still seen shorter than the part.
  bool open(const FileOpener& open_file, const std::string& path, const ArrayMap& part);
  /// The writer's record number `position`; valid until the next call. Throws FormatError when the
  /// file ends before it.
  std::span<const std::byte> record(std::uint64_t position);
  File& file() { return *file_; }

 private:
  std::unique_ptr<File> file_;
  std::uint64_t data_offset_bytes_ = 0;
  std::uint64_t record_bytes_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t first_ = 0;  ///< record at the start of the buffer
  std::uint64_t held_ = 0;   ///< records in it
  std::vector<std::byte> buffer_;
};

// A file of its own for each writer, beside the array: an NPY file of its records, in its order.
// Writer 0 brings them into the array when all are there, and removes them.

class FilePerWriterStrategy final : public Strategy {
 public:
  struct Way {
    bool in_kernel = false;  ///< by copy_file_range, run by run; else read, assembled and written
  };
  explicit constexpr FilePerWriterStrategy(Way way) : way_(way) {}
  Together together() const override { return Together::collect; }
  std::string unfit_for(const ArrayMap& map) const override;
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;

 private:
  Way way_;
};

// Stores on the node first, in a file without a name, and copies from there with every sync: the
// shared file sees few and large writes.

class LocalThenCopyStrategy final : public Strategy {
 public:
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
  bool stores_locally() const override { return true; }
};

}  // namespace npyrace
