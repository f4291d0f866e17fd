#pragma once
// NPY headers: reading them without accessing data, and writing them as NumPy does.
// docs/npy-format.md describes the format.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/file/file.h"
#include "core/npy/dtype.h"

namespace npyrace {

struct FormatVersion {
  unsigned major = 1;
  unsigned minor = 0;

  bool operator==(const FormatVersion&) const = default;
};

/// The content of a header. Headers from read_header satisfy: data_offset_bytes + data_bytes() fits
/// in 63 bits, and there are at most kLargestDimensions dimensions.
struct NpyHeader {
  FormatVersion version;
  Dtype dtype;
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;     ///< empty: zero-dimensional, one element
  std::uint64_t data_offset_bytes = 0;  ///< equals the header size including the magic string

  std::uint64_t itemsize_bytes() const { return dtype.itemsize_bytes(); }
  /// Product of the shape. Throws UsageError when it overflows.
  std::uint64_t element_count() const;
  /// Throws UsageError when it overflows.
  std::uint64_t data_bytes() const;
  /// Length of the first axis, along which writers divide the array; 1 if there is no axis.
  std::uint64_t record_count() const;
  /// Bytes of one element along the first axis (C order). Throws UsageError when it overflows.
  std::uint64_t record_bytes() const;
};

inline constexpr std::size_t kLargestDimensions = 64;

/// NumPy's default for `max_header_size`, in characters of the header text.
inline constexpr std::uint64_t kDefaultHeaderCharacters = 10000;

struct ReadLimits {
  std::uint64_t header_characters = kDefaultHeaderCharacters;
};

/// A header that is longer than the limits allow.
class HeaderTooLong : public FormatError {
 public:
  using FormatError::FormatError;
};

/// Reads the header with one size query and two reads, and no data. The limits bound the memory
/// used, whatever the file claims. Throws FormatError ("PATH: reason (at byte N)") or SystemError.
NpyHeader read_header(File& file, const ReadLimits& limits = {});
NpyHeader read_header(const std::string& path, const ReadLimits& limits = {});

/// Formats a tuple as Python does: a single item is followed by a comma.
std::string shape_text(const std::vector<std::uint64_t>& shape);

struct NpyHeaderSpec {
  Dtype dtype;
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
};

/// Default alignment of the data in files written by NumPy.
inline constexpr std::uint64_t kDefaultAlignmentBytes = 64;
inline constexpr std::uint64_t kLargestAlignmentBytes = 8192;

/// Returns all bytes before the data; their number is a multiple of `alignment_bytes` (a power of
/// two, 64…8192). With the default alignment the result equals NumPy's byte for byte. Throws
/// UsageError for an invalid alignment, for a header longer than NumPy reads by default, and for a
/// subarray as the type of the whole array, which np.load cannot read.
std::vector<std::byte> encode_header(const NpyHeaderSpec& spec,
                                     std::uint64_t alignment_bytes = kDefaultAlignmentBytes);

}  // namespace npyrace
