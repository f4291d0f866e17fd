#pragma once
// The record that an uncoordinated job stores beside the array when it has finished, and the
// attempt that it stores when it starts. Times are CLOCK_REALTIME unless stated otherwise and are
// for people; overlap is computed from CLOCK_BOOTTIME, which cannot be set.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// One execution of `write`, finished or not.
struct JobAttempt {
  std::string id;        ///< unique per attempt
  std::string array_id;  ///< id of the array, from its sidecar (sidecar.h)
  std::string host_name;
  /// As in RaceFileOwner, like boot, pid and start_ticks: identifies a live process.
  std::string host;
  std::string boot;
  std::int64_t pid = 0;
  std::uint64_t start_ticks = 0;
  std::int64_t start_ns = 0;  ///< since 1970
  std::uint64_t stamp_seed = 0;
  unsigned generation = 0;   ///< the generation it was to write
  std::uint64_t number = 1;  ///< attempt number for this share, from 1
};

/// One job observed that another one was waiting (together.h).
struct ClockSighting {
  std::uint64_t writer = 0;   ///< the other job's worker
  std::int64_t there_ns = 0;  ///< by the other's clock, before the observation
  std::int64_t seen_ns = 0;   ///< by the observer's clock
};

/// A finished attempt: every record of the share was acknowledged.
struct JobRecord {
  JobAttempt attempt;
  std::uint64_t writer = 0;
  std::uint64_t writers = 0;
  std::string version;  ///< npyrace version
  std::string cache;    ///< equal for jobs that used the same page cache
  std::string strategy;
  std::string sync;
  std::uint64_t records = 0;
  std::int64_t start_ns = 0;  ///< before open
  std::int64_t write_start_ns = 0;
  std::int64_t written_ns = 0;    ///< after the last record, before the last sync
  std::int64_t write_end_ns = 0;  ///< after the last sync
  std::int64_t end_ns = 0;        ///< after close
  PhaseSeconds phases;
  std::uint64_t present = 0;     ///< with --together: workers present at the start; else 0
  std::vector<std::string> met;  ///< other attempts at the same share at the same time
  // For comparing clocks (together.h). All by `clock`, which is the node's CLOCK_BOOTTIME.
  std::string clock = {};            ///< equal for jobs that share a clock; empty: unknown
  std::int64_t clock_offset_ns = 0;  ///< that clock minus CLOCK_REALTIME
  std::int64_t there_ns = 0;         ///< when it announced that it had seen all others; 0: never
  std::vector<ClockSighting> sightings = {};
  std::int64_t asked_ns = 0;     ///< before a file was created to read the file server's time
  std::int64_t server_ns = 0;    ///< that file's time, by the server's clock; 0: no server sets it
  std::int64_t answered_ns = 0;  ///< after that file's time was set
};

JobAttempt this_attempt();

std::string to_text(const JobAttempt& attempt);
std::string to_text(const JobRecord& record);

/// Returns nothing when the file does not exist. Throws FormatError when it is malformed,
/// SystemError when it cannot be read.
std::optional<JobRecord> read_job_record(const std::string& path);

/// Returns nothing when the file does not exist or is incomplete because it is being written.
std::optional<JobAttempt> read_job_attempt(const std::string& path);

/// "process 17 on node3, since 2011-02-03T04:05:06Z"
std::string describe(const JobAttempt& attempt);

}  // namespace npyrace
