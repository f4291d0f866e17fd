#include "core/array/layout.h"

#include "core/base/error.h"
#include "core/base/table.h"

namespace npyrace {

std::uint64_t fit(CheckedSize size, const char* what) {
  if (size && *size <= kLargestFileBytes) return *size;
  throw UsageError(std::string(what) + " is larger than any file can be");
}

namespace {

/// Contiguous records, as in np.zeros(n, dtype).
Arrangement arrange_packed(const LayoutInput& input) {
  return {.item = input.record.item,
          .element_shape = input.record.shape,
          .element_bytes = input.record.bytes,
          .elements = input.owners.records()};
}

/// The first element that begins at or after the next unit boundary from `offset_bytes`. An element
/// that spans the boundary, if the unit is not a multiple of the element size, has no owner.
std::uint64_t next_free_element(const LayoutInput& input, std::uint64_t offset_bytes) {
  const std::uint64_t boundary =
      fit(checked_round_up(offset_bytes, input.align_bytes), "the padded array");
  const std::uint64_t element_bytes = input.record.bytes;
  return (boundary - input.data_offset_bytes + element_bytes - 1) / element_bytes;
}

/// Each writer's records form one block that shares no alignment unit with another block; the
/// elements in between have no owner.
Arrangement arrange_padded_blocks(const LayoutInput& input) {
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

/// The record's fields, shifted by `lead_bytes`; a type that is no structure becomes a single
/// field.
std::vector<Field> fields_of(const RecordForm& record, std::uint64_t lead_bytes) {
  const StructType* structure = record.item.structure();
  if (!record.shape.empty())
    return {{.name = "record",
             .dtype = Dtype(SubarrayType{record.item, record.shape, record.bytes}),
             .offset_bytes = lead_bytes}};
  if (structure == nullptr)
    return {{.name = "record", .dtype = record.item, .offset_bytes = lead_bytes}};
  std::vector<Field> fields = structure->fields;
  for (Field& field : fields) field.offset_bytes += lead_bytes;
  return fields;
}

/// Every record has alignment units of its own: unnamed padding fields (NumPy's notation for gaps)
/// make the element size a multiple of the unit. Beyond kLargestHeaderAlignment the header cannot
/// align the data, so padding also precedes the record.
Arrangement arrange_padded_records(const LayoutInput& input) {
  const std::uint64_t unit_bytes = input.align_bytes;
  const std::uint64_t lead_bytes = (unit_bytes - input.data_offset_bytes % unit_bytes) % unit_bytes;
  const std::uint64_t element_bytes =
      fit(checked_round_up(checked_add(lead_bytes, input.record.bytes), unit_bytes), "a record");
  if (element_bytes > kLargestItemBytes)
    throw UsageError("padded-record: an element of " + std::to_string(element_bytes) +
                     " bytes is more than a NumPy item can have; choose a smaller --align");
  return {.item = Dtype(StructType{fields_of(input.record, lead_bytes), element_bytes}),
          .element_shape = {},
          .element_bytes = element_bytes,
          .lead_bytes = lead_bytes,
          .elements = input.owners.records()};
}

const LayoutRow kLayouts[] = {
    {"packed", "records back to back: pages are shared by writers", arrange_packed, false},
    {"padded-record", "every record fills alignment units of its own", arrange_padded_records,
     true},
    {"padded-block", "each writer's block starts in an alignment unit of its own",
     arrange_padded_blocks, true},
};

}  // namespace

std::span<const LayoutRow> layout_table() {
  return kLayouts;
}

const LayoutRow& find_layout(std::string_view name) {
  return find_row("layout", name, layout_table());
}

}  // namespace npyrace
