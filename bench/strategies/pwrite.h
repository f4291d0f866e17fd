#pragma once
// pwrite into a file opened read-write, as NumPy's and C's "r+" open it.

#include "bench/strategies/strategy.h"

namespace npyrace {

class PwriteStrategy final : public Strategy {
 public:
  enum class Grouping { one_call_a_record, one_call_a_run };
  explicit constexpr PwriteStrategy(Grouping grouping) : grouping_(grouping) {}
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;

 private:
  Grouping grouping_;
};

}  // namespace npyrace
