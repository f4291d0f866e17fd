#pragma once
// Layouts: how records are placed in the array, packed or padded to alignment units. Each layout is
// a row of one table.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/array/ownership.h"
#include "core/base/checked.h"
#include "core/npy/dtype.h"

namespace npyrace {

/// A record before layout: `shape` items of type `item`.
struct RecordForm {
  Dtype item;
  std::vector<std::uint64_t> shape;  ///< empty: one item
  std::uint64_t bytes = 0;
};

struct LayoutInput {
  const RecordForm& record;
  const OwnershipMap& owners;
  std::uint64_t align_bytes;        ///< a power of two
  std::uint64_t data_offset_bytes;  ///< file offset of the array's data
};

/// The array that results from a layout.
struct Arrangement {
  Dtype item;
  std::vector<std::uint64_t> element_shape;  ///< shape of one element of the first axis, in items
  std::uint64_t element_bytes = 0;
  std::uint64_t lead_bytes = 0;  ///< bytes from the start of an element to its record
  std::uint64_t elements = 0;
  /// Per writer, the element of its first record; empty if record i is element i.
  std::vector<std::uint64_t> block_first_elements;
};

struct LayoutRow {
  const char* name;
  const char* summary;
  /// Throws UsageError when sizes overflow.
  Arrangement (*arrange)(const LayoutInput& input);
  bool padded;  ///< by construction, writers share no alignment unit
};

/// The one table of layouts.
std::span<const LayoutRow> layout_table();
/// Throws UsageError with a suggestion.
const LayoutRow& find_layout(std::string_view name);

/// File offsets are signed 64-bit integers.
inline constexpr std::uint64_t kLargestFileBytes = (std::uint64_t{1} << 63) - 1;
/// Returns the size if a file can have it; otherwise throws UsageError that mentions `what`.
std::uint64_t fit(CheckedSize size, const char* what);

/// Largest alignment of the data by padding the header: NumPy rejects headers of more than 10 000
/// characters.
inline constexpr std::uint64_t kLargestHeaderAlignment = 8192;

}  // namespace npyrace
