#include "core/layouts/padded_block.h"

namespace npyrace {
namespace {

/// The first element that begins at or after the first unit boundary from `offset_bytes` on. (An
/// element may lie across that boundary when units are no multiple of it; it is nobody's then.)
std::uint64_t next_free_element(const LayoutInput& input, std::uint64_t offset_bytes) {
  const std::uint64_t boundary =
      fit(checked_round_up(offset_bytes, input.align_bytes), "the padded array");
  const std::uint64_t element_bytes = input.record.bytes;
  return (boundary - input.data_offset_bytes + element_bytes - 1) / element_bytes;
}

}  // namespace

Arrangement PaddedBlockLayout::arrange(const LayoutInput& input) const {
  Arrangement result{.item = input.record.item,
                     .element_shape = input.record.shape,
                     .element_bytes = input.record.bytes};
  std::uint64_t end_bytes = input.data_offset_bytes;  // the header's unit is not shared either
  for (std::uint64_t writer = 0; writer < input.owners.writers(); ++writer) {
    const std::uint64_t first = next_free_element(input, end_bytes);
    const std::uint64_t count = input.owners.count(writer);
    result.block_first_elements.push_back(first);
    if (count == 0) continue;
    result.elements = first + count;
    end_bytes = fit(
        checked_add(input.data_offset_bytes, checked_multiply(result.elements, input.record.bytes)),
        "the padded array");
  }
  return result;
}

}  // namespace npyrace
