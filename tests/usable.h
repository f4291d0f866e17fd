#pragma once
// The strategies that a test can use on this machine: atomic writes are rare, io_uring may be off.

#include <string>

#include "bench/race/availability.h"
#include "core/file/posix_file.h"

namespace npyrace::testing {

/// Whether records of this array can be written this way in `dir`.
inline bool is_usable(const StrategyRow& row, const ArrayMap& map, const std::string& dir) {
  // A user's program does not use our File interface, so no faults can be injected.
  if (row.strategy.needs_ranks) return false;  // tests/e2e/test_mpi.py has some
  if (std::string_view(row.name) == "exec" || !row.strategy.unfit_for(map).empty()) return false;
  const std::string_view name = row.name;
  if (name != "pwrite-atomic" && name != "io-uring") return true;  // must work on every machine
  return try_strategy(row, dir, open_posix_file).available;
}

/// The same, for strategies in which each writer writes its own records, so that writers can run
/// one after the other.
inline bool writes_alone(const StrategyRow& row, const ArrayMap& map, const std::string& dir) {
  return row.strategy.together == Aggregation::nothing && is_usable(row, map, dir);
}

}  // namespace npyrace::testing
