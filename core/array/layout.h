#pragma once
// How records are laid out in the array. One row and one file pair a layout.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/array/ownership.h"
#include "core/base/checked.h"
#include "core/npy/dtype.h"

namespace npyrace {

/// What a record is before it is laid out: `shape` items of `item`.
struct RecordForm {
  Dtype item;
  std::vector<std::uint64_t> shape;  ///< empty: one item
  std::uint64_t bytes = 0;
};

struct LayoutInput {
  const RecordForm& record;
  const OwnershipMap& owners;
  std::uint64_t align_bytes;        ///< a power of two
  std::uint64_t data_offset_bytes;  ///< where the array's data will start
};

/// The array that holds the records.
struct Arrangement {
  Dtype item;
  std::vector<std::uint64_t> element_shape;  ///< items of one element along the first axis
  std::uint64_t element_bytes = 0;
  std::uint64_t lead_bytes = 0;  ///< from the start of an element to its record
  std::uint64_t elements = 0;
  /// For each writer the element of its first record; empty where record i is element i.
  std::vector<std::uint64_t> block_first_elements;
};

class Layout {
 public:
  virtual ~Layout() = default;
  /// Throws UsageError when sizes overflow.
  virtual Arrangement arrange(const LayoutInput& input) const = 0;
};

struct LayoutRow {
  const char* name;
  const char* summary;
  const Layout& layout;
  bool padded;  ///< alignment units are not shared by writers, on purpose
};

/// The one table of layouts.
std::span<const LayoutRow> layout_table();
/// Throws UsageError with a suggestion.
const LayoutRow& find_layout(std::string_view name);

/// Offsets in files are signed 64-bit numbers.
inline constexpr std::uint64_t kLargestFileBytes = (std::uint64_t{1} << 63) - 1;
/// The size, if a file can have it; throws UsageError naming `what` otherwise.
std::uint64_t fit(CheckedSize size, const char* what);

/// NumPy refuses headers of over 10 000 characters: data can be aligned by the header up to here.
inline constexpr std::uint64_t kLargestHeaderAlignment = 8192;

// Records back to back, as np.zeros(n, dtype) has them.

class PackedLayout final : public Layout {
 public:
  Arrangement arrange(const LayoutInput& input) const override;
};

// Each writer's records form one block that shares no alignment unit with another one; the elements
// in between belong to nobody.

class PaddedBlockLayout final : public Layout {
 public:
  Arrangement arrange(const LayoutInput& input) const override;
};

// Every record fills alignment units of its own: unnamed padding (NumPy's own notation for gaps)
// makes an element of the array a whole number of units. Beyond kLargestHeaderAlignment the header
// cannot align the data, so the padding goes before the record as well.

class PaddedRecordLayout final : public Layout {
 public:
  Arrangement arrange(const LayoutInput& input) const override;
};

}  // namespace npyrace
