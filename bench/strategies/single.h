#pragma once
// One writer writes the records of all: nothing is shared, and nothing is fast.

#include "bench/strategies/pwrite.h"

namespace npyrace {

class SingleStrategy final : public Strategy {
 public:
  Together together() const override { return Together::single; }
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
};

}  // namespace npyrace
