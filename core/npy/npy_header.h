#pragma once
// Headers of NPY files: reading them without touching data, and writing them as NumPy does.
// The format is written down in docs/npy-format.md.

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

/// What a header says. Whoever got one from read_header knows: data_offset_bytes + data_bytes()
/// fits in 63 bits, and there are at most kLargestDimensions dimensions.
struct NpyHeader {
  FormatVersion version;
  Dtype dtype;
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;     ///< empty: one element without an axis
  std::uint64_t data_offset_bytes = 0;  ///< also the size of the header, magic string included

  std::uint64_t itemsize_bytes() const { return dtype.itemsize_bytes(); }
  /// Product of the shape. Throws UsageError when it overflows.
  std::uint64_t element_count() const;
  /// Throws UsageError when it overflows.
  std::uint64_t data_bytes() const;
  /// Elements along the first axis: what writers share out. 1 when there is no axis.
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

/// Reads the header in one size and two read calls, never a byte of data. Memory is bounded by the
/// limits, whatever the file claims. Throws FormatError ("PATH: what is wrong (at byte N)") or
/// SystemError.
NpyHeader read_header(File& file, const ReadLimits& limits = {});
NpyHeader read_header(const std::string& path, const ReadLimits& limits = {});

/// As Python writes a tuple: one item has a comma, too.
std::string shape_text(const std::vector<std::uint64_t>& shape);

struct NpyHeaderSpec {
  Dtype dtype;
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
};

/// Data of files written by NumPy start at a multiple of this.
inline constexpr std::uint64_t kDefaultAlignmentBytes = 64;
inline constexpr std::uint64_t kLargestAlignmentBytes = 8192;

/// All bytes before the data, whose number is a multiple of `alignment_bytes` (a power of two,
/// 64…8192). With the default they are the very bytes NumPy writes.
/// Throws UsageError for a wrong alignment, for a header longer than NumPy reads by default, and
/// for a subarray as the data type of the whole array, which np.load cannot read back.
std::vector<std::byte> encode_header(const NpyHeaderSpec& spec,
                                     std::uint64_t alignment_bytes = kDefaultAlignmentBytes);

}  // namespace npyrace
