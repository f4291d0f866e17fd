#pragma once
// Memory-mapped NPY arrays: numpy.lib.format.open_memmap for C++, and windows of arrays that are
// larger than the address space.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "core/base/error.h"
#include "core/file/file.h"
#include "core/file/posix_file.h"
#include "core/npy/npy_header.h"

namespace npyrace {

/// numpy.memmap's modes "r", "r+" and "c"; for "w+" use create_memmap.
enum class MapMode { read, read_write, copy_on_write };

/// A mapped array or a window of one, in file order. Owns the mapping and the open file.
class Memmap {
 public:
  Memmap(std::unique_ptr<File> file, NpyHeader header, std::unique_ptr<Mapping> mapping,
         std::vector<std::uint64_t> window_shape);

  const NpyHeader& header() const { return header_; }
  /// Shape of the mapped part: the array's, or the window's.
  const std::vector<std::uint64_t>& shape() const { return shape_; }

  /// Exactly the mapped elements; empty if there are none. Writing requires a writable mode: a
  /// store into a MapMode::read mapping raises SIGSEGV.
  std::span<std::byte> bytes() { return mapping_ ? mapping_->bytes() : std::span<std::byte>(); }

  /// The elements as T, whose size must equal the item size and whose alignment the data must
  /// satisfy; otherwise throws UsageError. Byte order is not converted.
  template <typename T>
  std::span<T> as();

  /// msync MS_SYNC: changed pages have been written back when it returns.
  void sync();

  /// Unmaps and closes, so that errors are reported. No other member may be called afterwards.
  void close();

 private:
  void require_item(std::size_t size_bytes, std::size_t alignment_bytes);

  std::unique_ptr<File> file_;
  NpyHeader header_;
  std::unique_ptr<Mapping> mapping_;  ///< null if there is nothing to map
  std::vector<std::uint64_t> shape_;
};

/// Opens an existing array. Throws FormatError for a file shorter than its header claims, because
/// access beyond the end of a file raises SIGBUS, and for arrays of Python objects.
Memmap open_memmap(const std::string& path, MapMode mode, const ReadLimits& limits = {},
                   const FileOpener& opener = open_posix_file);

/// Consecutive elements and the shape in which they are presented.
struct Window {
  std::uint64_t first_element = 0;   ///< in file order
  std::vector<std::uint64_t> shape;  ///< the product is the number of elements
};

/// Maps one window of an existing array. Only the window must lie inside the file. Throws
/// UsageError if it exceeds the array, FormatError if the file ends before the window does.
Memmap open_window(const std::string& path, MapMode mode, const Window& window,
                   const ReadLimits& limits = {}, const FileOpener& opener = open_posix_file);

/// Creates a file with header and allocated zeros, and maps it for reading and writing. An existing
/// file is an error (SystemError, EEXIST). Removes the file if it cannot be completed.
Memmap create_memmap(const std::string& path, const NpyHeaderSpec& spec,
                     std::uint64_t alignment_bytes = kDefaultAlignmentBytes,
                     const FileOpener& opener = open_posix_file);

template <typename T>
std::span<T> Memmap::as() {
  static_assert(std::is_trivially_copyable_v<T>, "elements of a file are plain bytes");
  require_item(sizeof(T), alignof(T));
  return {reinterpret_cast<T*>(bytes().data()), bytes().size() / sizeof(T)};
}

}  // namespace npyrace
