#pragma once
// Jobs that know nothing of each other wait for each other, through names in a folder they share.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/jobs/job_record.h"

namespace npyrace {

struct Gathering {
  std::string folder;
  std::uint64_t writer = 0;
  std::uint64_t writers = 1;
  unsigned generation = 1;  ///< those who came to write another one are not here
  std::chrono::milliseconds limit{0};
};

struct Gathered {
  std::uint64_t present = 0;  ///< workers that were there, this one included
  /// When this worker had seen all, by CLOCK_BOOTTIME, and when it saw that others had: at most 64
  /// of them. Bounds how far the clocks of nodes differ (job_clocks.h).
  std::int64_t there_ns = 0;
  std::vector<ClockSighting> sightings = {};
};

/// Returns when all workers are there, or the limit is over. All that see everybody return at the
/// same moment, as far as their clocks agree. Throws SystemError or Interrupted.
Gathered wait_together(const Gathering& gathering);

}  // namespace npyrace
