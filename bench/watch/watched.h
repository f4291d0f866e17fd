#pragma once
// Combines the logs of watched processes into one result.

#include <optional>
#include <string>

#include "bench/watch/consistency.h"
#include "core/result/watch.h"

namespace npyrace::watch {

struct WatchedQuestion {
  std::string folder;  ///< of the logs
  /// Measured behaviour of shared pages; nothing: a lab's model, or what the file system documents.
  std::optional<Consistency> measured;
  double clock_error_seconds = 1;
};

/// Throws SystemError if the folder cannot be read. Logs that cannot be read are in `unseen`.
WatchResult watched(const WatchedQuestion& question);

}  // namespace npyrace::watch
