#pragma once
// One uncoordinated job (`npyrace write`): writes one worker's share of an array that other jobs
// write at the same time, and stores a job record beside the array. Can be repeated after a crash.

#include <chrono>
#include <cstdint>
#include <string>

#include "bench/launchers/job_record.h"
#include "bench/storage/sidecar.h"
#include "core/file/file.h"

namespace npyrace {

struct JobRequest {
  std::string path;  ///< path of the array
  Sidecar known;     ///< expected content of the array
  std::uint64_t writer = 0;
  unsigned generation = 1;
  std::string strategy;
  std::string sync;
  std::chrono::milliseconds together{0};  ///< how long to wait for the other jobs; 0: no wait
};

/// Returns the record that was also stored beside the array. Throws UsageError, SystemError,
/// Interrupted, and FormatError when the file is not the expected array or another job is writing
/// this share.
JobRecord do_job(const JobRequest& request, const FileOpener& open_file);

}  // namespace npyrace
