#pragma once
// Each writer's records form one block that shares no alignment unit with another one; the elements
// in between belong to nobody.

#include "core/layouts/layout.h"

namespace npyrace {

class PaddedBlockLayout final : public Layout {
 public:
  Arrangement arrange(const LayoutInput& input) const override;
};

}  // namespace npyrace
