#pragma once
// How far the clocks of jobs on different nodes can be apart, from what the jobs saw of each other
// and of their file server. No clock is believed: only that what is seen happened before.

#include <cstdint>
#include <string>
#include <vector>

#include "bench/jobs/job_record.h"
#include "bench/race/writer.h"

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

}  // namespace npyrace
