#pragma once
// The strategy of somebody else's program: unknown to us, so there is nothing to open here.

#include "bench/strategies/strategy.h"

namespace npyrace {

class ExecStrategy final : public Strategy {
 public:
  /// Throws UsageError: only the exec launcher can start it.
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
};

}  // namespace npyrace
