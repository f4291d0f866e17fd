#include "core/layouts/layout.h"

#include "core/layouts/packed.h"
#include "core/layouts/padded_block.h"
#include "core/layouts/padded_record.h"
#include "core/table.h"

namespace npyrace {
namespace {

const PackedLayout kPacked;
const PaddedRecordLayout kPaddedRecord;
const PaddedBlockLayout kPaddedBlock;

const LayoutRow kLayouts[] = {
    {"packed", "records back to back: pages are shared by writers", kPacked, false},
    {"padded-record", "every record fills alignment units of its own", kPaddedRecord, true},
    {"padded-block", "each writer's block starts in an alignment unit of its own", kPaddedBlock,
     true},
};

}  // namespace

std::span<const LayoutRow> layout_table() {
  return kLayouts;
}

const LayoutRow& find_layout(std::string_view name) {
  return find_row("layout", name, layout_table());
}

std::uint64_t fit(CheckedSize size, const char* what) {
  if (size && *size <= kLargestFileBytes) return *size;
  throw UsageError(std::string(what) + " is larger than any file can be");
}

}  // namespace npyrace
