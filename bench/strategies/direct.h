#pragma once
// O_DIRECT: whole alignment units, past the page cache of the node. Also untorn (RWF_ATOMIC).

#include "bench/strategies/strategy.h"

namespace npyrace {

class DirectStrategy final : public Strategy {
 public:
  struct Way {
    bool atomic = false;  ///< each unit by one untorn write
  };
  explicit constexpr DirectStrategy(Way way) : way_(way) {}
  /// Units must be one writer's; untorn ones hold whole records, and the file ends with one.
  std::string unfit_for(const ArrayMap& map) const override;
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;

 private:
  Way way_;
};

}  // namespace npyrace
