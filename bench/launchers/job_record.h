#pragma once
// What one uncoordinated job says of itself when it has finished, and what is known of one that has
// not. Times are of CLOCK_REALTIME unless said, for people; overlap is told by clocks that nobody
// sets.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result/result.h"

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

/// A job saw that another was there.
struct ClockSighting {
  std::uint64_t writer = 0;   ///< the other
  std::int64_t there_ns = 0;  ///< by the other's clock, before it was seen
  std::int64_t seen_ns = 0;   ///< by the clock of the job that saw it
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
  // For comparing clocks (job_clocks.h). All by `clock`, which is CLOCK_BOOTTIME of the node.
  std::string clock = {};            ///< equal for jobs with one clock; empty: not known
  std::int64_t clock_offset_ns = 0;  ///< that clock minus CLOCK_REALTIME
  std::int64_t there_ns = 0;         ///< when it told the others that all are there; 0: it did not
  std::vector<ClockSighting> sightings = {};
  std::int64_t asked_ns = 0;     ///< before the file server set a file's time
  std::int64_t server_ns = 0;    ///< that time, by the server's clock; 0: no server sets it
  std::int64_t answered_ns = 0;  ///< after that
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
