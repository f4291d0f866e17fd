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

// One writer writes the records of all: nothing is shared, and nothing is fast.

class SingleStrategy final : public Strategy {
 public:
  Together together() const override { return Together::single; }
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
};

// C's stdio: fopen(FILE, "r+"), fseeko, fwrite. Measured with glibc 2.36: a seek flushes what was
// written, reads the whole block that it lands in, and only the written bytes are written back.
// The read is no part of a read-modify-write, but it fills the node's page cache, which on NFS
// decides who loses.

class StdioStrategy final : public Strategy {
 public:
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
};

// Reads the whole alignment unit, changes a record in it, and writes the unit back: what tools do
// that only know blocks. Wherever two writers share a unit, one undoes the other.

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

// The strategy of somebody else's program: unknown to us, so there is nothing to open here.

class ExecStrategy final : public Strategy {
 public:
  /// Throws UsageError: only the exec launcher can start it.
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
};

}  // namespace npyrace
