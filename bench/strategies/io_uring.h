#pragma once
// Writes through a queue of io_uring: one request a record, many requests a system call.

#include "bench/strategies/strategy.h"

namespace npyrace {

class IoUringStrategy final : public Strategy {
 public:
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
};

}  // namespace npyrace
