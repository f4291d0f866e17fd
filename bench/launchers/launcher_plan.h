#pragma once
// What launchers ask of the options that were typed, and of cells that are planned.

#include <cstdint>
#include <string>
#include <vector>

#include "bench/mpi/rank_place.h"
#include "bench/options.h"

namespace npyrace {

inline constexpr const char* kMpi = "mpi";

/// Whether `launcher` is among what was typed.
bool wants(const RunOptions& options, const char* launcher);
/// Whether one is whose writers are there before any race.
bool wants_ranks(const RunOptions& options);
/// Whether this is such a launcher: mpirun has started its writers, or we have on hosts.
bool has_ranks(const std::string& launcher);

/// Throws UsageError for options of launchers that were not asked for.
void refuse_unused(const RunOptions& options);

/// What a cell wants of its launcher.
struct LauncherNeeds {
  const std::vector<RankPlace>& ranks;  ///< that are there
  std::uint64_t writers = 1;
  std::string cache;  ///< state of the page cache before a race
};

/// Throws UsageError when `launcher` cannot.
void require_launcher(const std::string& launcher, const LauncherNeeds& needs);

}  // namespace npyrace
