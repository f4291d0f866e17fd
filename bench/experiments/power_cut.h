#pragma once
// One simulated power cut during a write, and the check of what the disk holds afterwards.

#include <chrono>
#include <cstdint>
#include <string>

#include "core/array/array_map.h"
#include "core/file/file.h"
#include "core/result/findings.h"

namespace npyrace {

struct CutRequest {
  std::string fs_type;
  std::string device;  ///< block device with an unmounted file system
  ArrayRequest array;
  std::string strategy, sync;
  std::uint64_t stamp_seed = 0;
  /// The generation that is cut; earlier ones are completed.
  unsigned generation = 2;
  /// Time of the cut as a fraction of the duration of an uncut generation.
  double moment = 0.5;
  std::chrono::seconds patience{120};
  FileOpener open_file;
};

struct CutResult {
  Findings findings;
  /// Records lost from writers that had closed the file, although close acknowledges nothing: shows
  /// what a writer loses that relies on close, and that the experiment can detect a loss.
  std::uint64_t closed_and_lost = 0;
  /// Records of the cut generation that were acknowledged before the cut.
  std::uint64_t acknowledged = 0;
  bool while_writing = false;  ///< some writer had begun and not finished
};

/// Throws RaceError, SystemError, Interrupted. Leaves nothing mounted.
CutResult cut_power(const CutRequest& request);

}  // namespace npyrace
