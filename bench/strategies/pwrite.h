#pragma once
// Strategies based on write calls: pwrite and its variants, a single writer, C stdio,
// read-modify-write, and the placeholder for user programs. The open flags are part of a strategy:
// on NFS they determine which records are lost.

#include "bench/strategies/strategy.h"

namespace npyrace {

class PwriteStrategy final : public Strategy {
 public:
  struct Way {
    Access access = Access::read_write;  ///< read_write corresponds to "r+" in NumPy and C
    bool data_sync = false;              ///< O_DSYNC
    bool full_sync = false;              ///< O_SYNC
    bool each_synced = false;            ///< pwritev2 with RWF_DSYNC
    bool lock_records = false;           ///< lock exactly the written bytes for each write
    bool one_call_a_run = false;         ///< one call per run of contiguous records
    bool gathered = false;               ///< one pwritev per run, one vector element per record
  };
  explicit constexpr PwriteStrategy(Way way) : way_(way) {}
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
  bool needs_locks() const override { return way_.lock_records; }

 private:
  Way way_;
};

// Writer 0 writes the records of all: no sharing, no parallelism.

class SingleStrategy final : public Strategy {
 public:
  Together together() const override { return Together::single; }
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
};

// C stdio: fopen(FILE, "r+"), fseeko, fwrite. Measured with glibc 2.36: a seek flushes the written
// bytes and reads the whole target block; only written bytes are written back. The read does not
// cause a read-modify-write, but it fills the node's page cache, which on NFS determines which
// records are lost.

class StdioStrategy final : public Strategy {
 public:
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
};

// Reads the whole alignment unit, changes a record in it, and writes the unit back, as
// block-oriented tools do. If two writers share a unit, one overwrites the other's update.

class ReadModifyWriteStrategy final : public Strategy {
 public:
  struct Way {
    bool lock_units = false;  ///< lock the unit from before the read until after the write
  };
  explicit constexpr ReadModifyWriteStrategy(Way way) : way_(way) {}
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
  bool needs_locks() const override { return way_.lock_units; }

 private:
  Way way_;
};

// Placeholder for user programs, whose way of writing is unknown; there is nothing to open.

class ExecStrategy final : public Strategy {
 public:
  /// Throws UsageError: only the exec launcher can start it.
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
};

}  // namespace npyrace
