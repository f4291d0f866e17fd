#pragma once
// How records are laid out in the array. One row and one file pair a layout.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/checked.h"
#include "core/dtype.h"
#include "core/ownership.h"

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

}  // namespace npyrace
