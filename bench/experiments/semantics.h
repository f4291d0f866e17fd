#pragma once
// Scenario `semantics`: derives a file system's consistency guarantee (the passport) from
// experiments between its mounts. Trial is one try of one experiment.

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/experiments/probe_file.h"
#include "bench/experiments/semantics_rows.h"
#include "bench/race/progress.h"
#include "bench/storage/mounts.h"
#include "core/file/file.h"
#include "core/result/passport.h"

namespace npyrace {

class Trial {
 public:
  /// Creates the files. `request.number` must leave room for kMostProbeFiles numbers. Throws as
  /// ProbeFile does.
  explicit Trial(ProbeFileRequest request);

  static constexpr std::uint64_t kMostProbeFiles = 8;

  /// True if both nodes see the files; checks only the one created last.
  bool settled();

  /// Executes all writes, acts and immediate reads. Throws as ProbeFile's steps do.
  void play();

  /// True if a read took so long that it no longer shows the state right after the write.
  bool too_slow_to_tell() const;

  /// Reads the closed file again. Returns false when the write is visible or the time limit has
  /// passed.
  bool watch();

  /// Closes all handles and reads every file by a new open, except the one without an act.
  void finish();

  const Try& result() const { return try_; }

 private:
  void seen_after(double seconds);

  Experiment experiment_;
  std::unique_ptr<ProbeFile> waited_;
  std::vector<std::unique_ptr<ProbeFile>> scenes_;  ///< in the order of acts
  Try try_;
};

// The scenario.

class Coordinator;
struct RaceContext;
struct RunOptions;
struct RunPlan;
struct RunResult;

/// Default number of tries per experiment.
inline constexpr std::uint64_t kUsualTries = 4;

struct SemanticsPlan {
  std::vector<Mount> mounts;  ///< at least one
  std::uint64_t tries = kUsualTries;
  bool stop_early = true;             ///< fewer tries on a slow file system, but at least two
  std::chrono::seconds patience{30};  ///< time limit of one step of an agent
  Verbosity verbosity = Verbosity::usual;
};

/// Runs all experiments, each as often as planned, on all ordered pairs of mounts in turn, or
/// between two processes if there is one mount. With a coordinator, agents are ranks on their
/// hosts. Errors are reported in the rows. Throws Interrupted, and SystemError when no agent can be
/// started.
Passport examine(const SemanticsPlan& plan, const FileOpener& open_file,
                 Coordinator* coordinator = nullptr);

/// Adds the passport to the result. Throws as `examine` does.
void examine_semantics(const RunPlan& plan, const RaceContext& context, RunResult& result);

/// Throws UsageError if there are no ranks to run agents on.
void check_semantics(const RunOptions& options, const RunPlan& plan);

}  // namespace npyrace
