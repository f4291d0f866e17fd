#pragma once
// Where races take place, and what is known of that place before the first one.

#include <functional>
#include <string>
#include <utility>

#include "bench/remote/coordinator.h"
#include "bench/storage/place_trials.h"
#include "core/file/file.h"
#include "validators/scan.h"

namespace npyrace {

/// The writes that `Site::quiesce` waits for.
enum class Pending {
  all,
  synced,  ///< synced or closed: programs may end with unsynced stores in their node's memory
};

/// This host or, with a coordinator, the hosts of its ranks. Real file systems need
/// no extra requests; a lab does.
class Site {
 public:
  explicit Site(FileOpener open, Coordinator* ranks = nullptr)
      : open_file(std::move(open)), coordinator(ranks) {}
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;
  virtual ~Site() = default;

  /// Blocks until the writes have reached their final place.
  virtual void quiesce(Pending) const {}
  /// Drops cached pages that the kernel cannot drop.
  virtual void drop_caches() const {}
  /// Why nothing that is seen here counts any more ("the lab's server died"); empty: it counts.
  virtual std::string broken() const { return ""; }
  /// Scans a file; ranks share the work.
  Findings scan(const ScanRequest& request) const {
    return coordinator == nullptr ? npyrace::scan(request) : coordinator->scan(request);
  }

  const FileOpener open_file;
  Coordinator* const coordinator;  ///< null unless launchers mpi or ssh are used
};

struct RaceContext {
  const Site& site;
  /// Result of the trial whether the judge bypasses the page cache.
  JudgeTrial judge;
  std::string locks_problem;  ///< why strategies that need locks are skipped; empty: locks work
  /// Receives a message about the current wait, for the progress line.
  std::function<void(const std::string&)> tell;
};

}  // namespace npyrace
