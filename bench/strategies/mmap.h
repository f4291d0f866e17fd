#pragma once
// Shared mappings: the whole file, or the pages of one's own records.

#include "bench/strategies/strategy.h"

namespace npyrace {

class MmapStrategy final : public Strategy {
 public:
  enum class Extent { whole_file, own_pages };
  struct Way {
    Extent extent = Extent::whole_file;
    bool populate = false;        ///< MAP_POPULATE
    bool sync_own_pages = false;  ///< msync of the pages of each run instead of the whole mapping
    bool lock_units = false;  ///< each record under a lock of its unit, synced before it is let go
  };
  explicit constexpr MmapStrategy(Way way) : way_(way) {}
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
  bool needs_locks() const override { return way_.lock_units; }

 private:
  Way way_;
};

}  // namespace npyrace
