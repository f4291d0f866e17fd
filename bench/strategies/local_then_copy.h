#pragma once
// Stores on the node first, in a file without a name, and copies from there with every sync: the
// shared file sees few and large writes.

#include "bench/strategies/strategy.h"

namespace npyrace {

class LocalThenCopyStrategy final : public Strategy {
 public:
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
  bool stores_locally() const override { return true; }
};

}  // namespace npyrace
