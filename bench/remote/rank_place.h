#pragma once
// Location of a rank: host, kernel, clock and page caches, and checks that there are enough ranks.

#include <cstdint>
#include <string>
#include <vector>

#include "bench/storage/place_trials.h"

namespace npyrace {

struct RankPlace {
  std::string host_name;
  std::string kernel;  ///< equal for ranks on the same running kernel, whatever the host name
  std::string clock;   ///< equal for ranks that share a CLOCK_MONOTONIC
  std::vector<std::string> caches;  ///< page cache of each directory
  JudgeTrial judge;                 ///< whether the judge bypasses the page cache there
};

/// Describes this process. Throws SystemError when a directory does not exist.
RankPlace look_at_place(const std::vector<std::string>& dirs, const std::string& judge_dir);

/// Numbers the page caches and returns that of each writer; rank w uses directory w modulo the
/// number of directories.
std::vector<std::uint64_t> caches_of(const std::vector<RankPlace>& places, std::uint64_t writers);

/// Number of distinct kernels among the first `ranks` ranks.
std::size_t count_kernels(const std::vector<RankPlace>& places, std::uint64_t ranks);

/// Throws UsageError, with advice, unless there is a rank per writer. A single rank for several
/// writers means that mpirun was not used.
void require_ranks(const std::vector<RankPlace>& places, std::uint64_t writers);

/// The same check for launcher ssh.
void require_hosts(const std::vector<RankPlace>& places, std::uint64_t writers);

}  // namespace npyrace
