#pragma once
// Every record fills alignment units of its own: unnamed padding (NumPy's own notation for gaps)
// makes an element of the array a whole number of units. Beyond kLargestHeaderAlignment the header
// cannot align the data, so the padding goes before the record as well.

#include "core/layouts/layout.h"

namespace npyrace {

class PaddedRecordLayout final : public Layout {
 public:
  Arrangement arrange(const LayoutInput& input) const override;
};

}  // namespace npyrace
