#pragma once
// Writer 0 writes the records of all into the file: the others send theirs to it over a socket.

#include "bench/strategies/strategy.h"

namespace npyrace {

class CollectorStrategy final : public Strategy {
 public:
  Together together() const override { return Together::collect; }
  bool one_host_only() const override { return true; }
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
};

}  // namespace npyrace
