#pragma once
// One power cut in the middle of writing, and what the disk holds afterwards.

#include <chrono>
#include <cstdint>
#include <string>

#include "core/array/array_map.h"
#include "core/file/file.h"
#include "core/result/findings.h"

namespace npyrace {

struct CutRequest {
  std::string fs_type;
  std::string device;  ///< with a file system on it, mounted nowhere
  ArrayRequest array;
  std::string strategy, sync;
  std::uint64_t stamp_seed = 0;
  /// The generation that is cut; those before it are written to their end.
  unsigned generation = 2;
  /// When, as a share of the time that a generation took that was not cut.
  double moment = 0.5;
  std::chrono::seconds patience{120};
  FileOpener open_file;
};

struct CutResult {
  Findings findings;
  /// Without a sync nothing is promised. Had close been a promise, so many records would be lost:
  /// what a writer loses who believes that, and the proof that a broken promise is noticed.
  std::uint64_t closed_and_lost = 0;
  std::uint64_t acknowledged = 0;  ///< records of the generation that was cut, promised before
  bool while_writing = false;      ///< some writer had begun and was not finished
};

/// Throws RaceError, SystemError, Interrupted. Nothing stays mounted.
CutResult cut_power(const CutRequest& request);

}  // namespace npyrace
