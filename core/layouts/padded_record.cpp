#include "core/layouts/padded_record.h"

#include "core/error.h"

namespace npyrace {
namespace {

/// The record's own fields, moved by `lead_bytes`; what is no structure becomes one with one field.
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

}  // namespace

Arrangement PaddedRecordLayout::arrange(const LayoutInput& input) const {
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

}  // namespace npyrace
