#pragma once
// One uncoordinated job: writes one worker's share of an array that others write at the same time,
// and leaves word of it beside the array. Can be repeated after a crash, as often as it takes.

#include <chrono>
#include <cstdint>
#include <string>

#include "bench/launchers/job_record.h"
#include "bench/storage/sidecar.h"
#include "core/file/file.h"

namespace npyrace {

struct JobRequest {
  std::string path;  ///< of the array
  Sidecar known;     ///< what belongs into it
  std::uint64_t writer = 0;
  unsigned generation = 1;
  std::string strategy;
  std::string sync;
  std::chrono::milliseconds together{0};  ///< wait so long for the others; 0: not at all
};

/// Returns what was also left beside the array. Throws UsageError, SystemError, Interrupted, and
/// FormatError when the file is not the array that it should be or another job writes this share.
JobRecord do_job(const JobRequest& request, const FileOpener& open_file);

}  // namespace npyrace
