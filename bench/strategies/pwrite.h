#pragma once
// pwrite in its ways. How the file is opened is part of the strategy: on NFS it decides who loses.

#include "bench/strategies/strategy.h"

namespace npyrace {

class PwriteStrategy final : public Strategy {
 public:
  struct Way {
    Access access = Access::read_write;  ///< read_write is how NumPy's and C's "r+" open
    bool data_sync = false;              ///< O_DSYNC
    bool full_sync = false;              ///< O_SYNC
    bool each_synced = false;            ///< pwritev2 with RWF_DSYNC
    bool lock_records = false;           ///< every write under a lock of just its bytes
    bool one_call_a_run = false;         ///< records that lie back to back go in one call
    bool gathered = false;               ///< the same by pwritev, each record a part of its own
  };
  explicit constexpr PwriteStrategy(Way way) : way_(way) {}
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
  bool needs_locks() const override { return way_.lock_records; }

 private:
  Way way_;
};

}  // namespace npyrace
