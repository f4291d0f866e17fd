#include "core/layouts/packed.h"

namespace npyrace {

Arrangement PackedLayout::arrange(const LayoutInput& input) const {
  return {.item = input.record.item,
          .element_shape = input.record.shape,
          .element_bytes = input.record.bytes,
          .elements = input.owners.records()};
}

}  // namespace npyrace
