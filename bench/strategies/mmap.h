#pragma once
// Strategies that store through a shared mapping: of the whole file, or of the pages of the
// writer's own records.

#include "bench/strategies/strategy.h"

namespace npyrace {

class MmapStrategy final : public Strategy {
 public:
  enum class Extent { whole_file, own_pages };
  struct Way {
    Extent extent = Extent::whole_file;
    bool populate = false;        ///< MAP_POPULATE
    bool sync_own_pages = false;  ///< msync only the pages of each run instead of the whole mapping
    bool lock_units = false;      ///< lock each record's unit, and sync before unlocking
  };
  explicit constexpr MmapStrategy(Way way) : way_(way) {}
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
  bool needs_locks() const override { return way_.lock_units; }

 private:
  Way way_;
};

}  // namespace npyrace
