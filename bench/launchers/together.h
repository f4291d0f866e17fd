#pragma once
// Synchronization of uncoordinated jobs: a rendezvous through files in a shared folder, and bounds
// on the clock differences between their nodes. The bounds use no clock as reference: they follow
// only from the order of events that jobs observed of each other and of the file server.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/launchers/job_record.h"
#include "bench/strategies/writer.h"

namespace npyrace {

/// Identifies the clock of this process; equal for all processes that share a CLOCK_BOOTTIME.
std::string clock_here();

/// Times of all jobs converted to the clock that most of them share. A job whose clock cannot be
/// related to it gets an error bound so large that it overlaps with no other.
struct ComparedTimes {
  std::vector<WriterReport> reports;      ///< one per record, in the same order
  std::vector<std::string> incomparable;  ///< hosts of jobs without a bound on the clock difference
  std::int64_t largest_error_ns = 0;      ///< among the jobs that have a bound
};

ComparedTimes compared_times(const std::vector<JobRecord>& records);

// Rendezvous of jobs that have no other means of communication than files in a shared folder.

struct Gathering {
  std::string folder;
  std::uint64_t writer = 0;
  std::uint64_t writers = 1;
  unsigned generation = 1;  ///< jobs that write another generation do not count as present
  std::chrono::milliseconds limit{0};
};

struct Gathered {
  std::uint64_t present = 0;  ///< workers present, including this one
  /// CLOCK_BOOTTIME when this worker had seen all others, and when it saw that others had (at most
  /// 64 sightings). compared_times derives clock bounds from them.
  std::int64_t there_ns = 0;
  std::vector<ClockSighting> sightings = {};
};

/// Returns when all workers are present or the limit has passed. Workers that see all others return
/// at the same moment, within their clock differences. Throws SystemError or Interrupted.
Gathered wait_together(const Gathering& gathering);

}  // namespace npyrace
