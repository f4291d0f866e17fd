#pragma once
// Arrays in NPY files as memory: numpy.lib.format.open_memmap for C++, and windows of arrays that
// are larger than the address space.

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

/// numpy.memmap's modes "r", "r+" and "c". Creating ("w+") is create_memmap.
enum class MapMode { read, read_write, copy_on_write };

/// An array, or a window of one, in memory. Elements lie in the order of the file.
/// The memory goes when this goes; the file is open as long.
class Memmap {
 public:
  Memmap(std::unique_ptr<File> file, NpyHeader header, std::unique_ptr<Mapping> mapping,
         std::vector<std::uint64_t> window_shape);

  const NpyHeader& header() const { return header_; }
  /// Of what is mapped: the array's own shape, or the window's.
  const std::vector<std::uint64_t>& shape() const { return shape_; }

  /// Exactly the mapped elements; empty when there are none. Writing needs a writable mode:
  /// memory mapped with MapMode::read kills the process that writes to it.
  std::span<std::byte> bytes() { return mapping_ ? mapping_->bytes() : std::span<std::byte>(); }

  /// The elements as T, which must have the item's size, and its alignment where it lies.
  /// Throws UsageError otherwise. Byte order is the caller's concern.
  template <typename T>
  std::span<T> as();

  /// Changed pages are on their way to the disk, or wherever msync takes them, when this returns.
  void sync();

  /// Unmaps and closes, so that errors show. Nothing may be called afterwards.
  void close();

 private:
  void require_item(std::size_t size_bytes, std::size_t alignment_bytes);

  std::unique_ptr<File> file_;
  NpyHeader header_;
  std::unique_ptr<Mapping> mapping_;  ///< none when there is nothing to map
  std::vector<std::uint64_t> shape_;
};

/// Opens an existing array. A file shorter than its header claims is refused with FormatError,
/// since touching memory past the end of a file is a SIGBUS; so are arrays of Python objects.
Memmap open_memmap(const std::string& path, MapMode mode, const ReadLimits& limits = {},
                   const FileOpener& opener = open_posix_file);

/// A run of consecutive elements, and the shape it is seen in.
struct Window {
  std::uint64_t first_element = 0;   ///< counted in the order of the file
  std::vector<std::uint64_t> shape;  ///< its product is the number of elements
};

/// Maps one window of an existing array. Only the window must lie inside the file.
/// Throws UsageError when it leaves the array, FormatError when the file ends before it does.
Memmap open_window(const std::string& path, MapMode mode, const Window& window,
                   const ReadLimits& limits = {}, const FileOpener& opener = open_posix_file);

/// Creates a fresh file with header and allocated zeros, and maps it for reading and writing.
/// An existing file is an error (SystemError, EEXIST). A file that could not be finished is
/// removed.
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
