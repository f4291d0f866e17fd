#pragma once
// Reads the whole alignment unit, changes a record in it, and writes the unit back: what tools do
// that only know blocks. Wherever two writers share a unit, one undoes the other.

#include "bench/strategies/strategy.h"

namespace npyrace {

class ReadModifyWriteStrategy final : public Strategy {
 public:
  struct Way {
    bool lock_units = false;  ///< from before the read until after the write
  };
  explicit constexpr ReadModifyWriteStrategy(Way way) : way_(way) {}
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
  bool needs_locks() const override { return way_.lock_units; }

 private:
  Way way_;
};

}  // namespace npyrace
