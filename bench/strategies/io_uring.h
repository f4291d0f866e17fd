#pragma once
// Strategy `io-uring`: one write request per record, many requests per system call.

#include "bench/strategies/strategy.h"

namespace npyrace {

class IoUringStrategy final : public Strategy {
 public:
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
};

}  // namespace npyrace
