#pragma once
// What one uncoordinated job says of itself when it has finished, and what is known of one that has
// not. Times are of CLOCK_REALTIME: the jobs may run on different machines.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace npyrace {

/// One run of `write`, however it ended.
struct JobAttempt {
  std::string id;        ///< no two attempts share it
  std::string array_id;  ///< of the array it was meant for: see sidecar.h
  std::string host_name;
  std::string host;  ///< the rest is as in RaceFileOwner: does the process still live?
  std::string boot;
  std::int64_t pid = 0;
  std::uint64_t start_ticks = 0;
  std::int64_t start_ns = 0;  ///< since 1970
  std::uint64_t stamp_seed = 0;
  unsigned generation = 0;   ///< that it set out to write
  std::uint64_t number = 1;  ///< of the attempts at this share, from 1
};

/// An attempt that has finished: every record of the share was acknowledged.
struct JobRecord {
  JobAttempt attempt;
  std::uint64_t writer = 0;
  std::uint64_t writers = 0;
  std::string version;  ///< of npyrace
  std::string cache;    ///< equal for jobs that wrote through one page cache
  std::string strategy;
  std::string sync;
  std::uint64_t records = 0;
  std::int64_t start_ns = 0;  ///< before open
  std::int64_t write_start_ns = 0;
  std::int64_t written_ns = 0;    ///< after the last record, before the last sync
  std::int64_t write_end_ns = 0;  ///< after the last sync
  std::int64_t end_ns = 0;        ///< after close
  PhaseSeconds phases;
  std::uint64_t present = 0;     ///< workers that were there at the start, with --together; else 0
  std::vector<std::string> met;  ///< other attempts at the same share at the same time
};

JobAttempt this_attempt();

std::string to_text(const JobAttempt& attempt);
std::string to_text(const JobRecord& record);

/// Nothing when there is no such file. Throws FormatError when it is no record, SystemError when it
/// cannot be read.
std::optional<JobRecord> read_job_record(const std::string& path);

/// Nothing when there is no such file, or it was caught being written.
std::optional<JobAttempt> read_job_attempt(const std::string& path);

/// "process 17 on node3, since 2011-02-03T04:05:06Z"
std::string describe(const JobAttempt& attempt);

}  // namespace npyrace
