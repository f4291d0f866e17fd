#pragma once
// How far the clocks of jobs on different nodes can be apart, from what the jobs saw of each other
// and of their file server. No clock is believed: only that what is seen happened before.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/launchers/job_record.h"
#include "bench/strategies/writer.h"

namespace npyrace {

/// The clock of this process: equal for all processes whose CLOCK_BOOTTIME is the same clock.
std::string clock_here();

/// Nanoseconds of CLOCK_BOOTTIME, which nobody sets.
std::int64_t boottime_ns();

/// When the jobs wrote, by the clock that most of them share. A job whose clock cannot be compared
/// with that one has an error so large that it overlaps with nobody.
struct ComparedTimes {
  std::vector<WriterReport> reports;      ///< one a record, in their order
  std::vector<std::string> incomparable;  ///< host names of jobs whose clocks nothing bounds
  std::int64_t largest_error_ns = 0;      ///< of those that can be compared
};

ComparedTimes compared_times(const std::vector<JobRecord>& records);

// Jobs that know nothing of each other wait for each other, through names in a folder they share.

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
