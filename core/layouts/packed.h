#pragma once
// Records back to back, as np.zeros(n, dtype) has them.

#include "core/layouts/layout.h"

namespace npyrace {

class PackedLayout final : public Layout {
 public:
  Arrangement arrange(const LayoutInput& input) const override;
};

}  // namespace npyrace
