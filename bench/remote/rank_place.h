#pragma once
// Where a rank runs, as far as races must know.

#include <cstdint>
#include <string>
#include <vector>

#include "bench/storage/place_trials.h"

namespace npyrace {

struct RankPlace {
  std::string host_name;
  std::string kernel;  ///< equal for ranks on one running kernel, whatever they call their host
  std::string clock;   ///< equal for ranks whose CLOCK_MONOTONIC is one
  std::vector<std::string> caches;  ///< names of the page caches behind the directories
  JudgeTrial judge;                 ///< whether the judge sees the store itself from there
};

/// Of this process. Throws SystemError when a directory is not there.
RankPlace look_at_place(const std::vector<std::string>& dirs, const std::string& judge_dir);

/// Names of page caches as numbers, writer by writer: rank w goes through directory w modulo their
/// number.
std::vector<std::uint64_t> caches_of(const std::vector<RankPlace>& places, std::uint64_t writers);

/// How many kernels there are among the first `ranks`.
std::size_t count_kernels(const std::vector<RankPlace>& places, std::uint64_t ranks);

/// Throws UsageError, with what to do, unless there is a rank for each writer. One rank alone, with
/// more writers than one, was not started by mpirun.
void require_ranks(const std::vector<RankPlace>& places, std::uint64_t writers);

/// The same for launcher ssh.
void require_hosts(const std::vector<RankPlace>& places, std::uint64_t writers);

}  // namespace npyrace
