#pragma once
// Which strategies a test can use where it runs: untorn writes are rare, io_uring may be off.

#include <string>

#include "bench/race/availability.h"
#include "core/file/posix_file.h"

namespace npyrace::testing {

/// Whether records of this array can be written this way in `dir`.
inline bool is_usable(const StrategyRow& row, const ArrayMap& map, const std::string& dir) {
  // Somebody else's program has no file of ours to spoil.
  if (row.strategy.needs_ranks) return false;  // tests/e2e/test_mpi.py has some
  if (std::string_view(row.name) == "exec" || !row.strategy.unfit_for(map).empty()) return false;
  const std::string_view name = row.name;
  if (name != "pwrite-atomic" && name != "io-uring") return true;  // must work wherever we test
  return try_strategy(row, dir, open_posix_file).available;
}

/// The same, and each writer writes its own, so that one after the other can.
inline bool writes_alone(const StrategyRow& row, const ArrayMap& map, const std::string& dir) {
  return row.strategy.together == Aggregation::nothing && is_usable(row, map, dir);
}

}  // namespace npyrace::testing
