#pragma once
// One try of one experiment: a file for every act, one without any, and the looks at them.

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/experiments/scene.h"
#include "bench/experiments/semantics_rows.h"
#include "bench/race/progress.h"
#include "bench/storage/mounts.h"
#include "core/file/file.h"
#include "core/result/passport.h"

namespace npyrace {

class Trial {
 public:
  /// Makes the files. `request.number` leaves room for kMostScenes numbers. Throws as Scene does.
  explicit Trial(SceneRequest request);

  static constexpr std::uint64_t kMostScenes = 8;

  /// Whether both nodes know the files; the last that was made speaks for all.
  bool settled();

  /// Everything that happens at once. Throws as Scene's steps do.
  void play();

  /// A read of a slow system or a busy machine tells nothing about a write's own promise.
  bool too_slow_to_tell() const;

  /// Looks once more at the file that was closed. False: it is seen, or has been long enough looked
  /// for, and need not be looked at again.
  bool watch();

  /// Everybody closes, opens anew and looks a last time, at every file but the one without an act.
  void finish();

  const Try& result() const { return try_; }

 private:
  void seen_after(double seconds);

  Experiment experiment_;
  std::unique_ptr<Scene> waited_;
  std::vector<std::unique_ptr<Scene>> scenes_;  ///< in the order of acts
  Try try_;
};

// Scenario `semantics`: the passport of a file system, from experiments between its mounts.

class Fleet;
struct RaceContext;
struct RunPlan;
struct RunResult;

/// How often every experiment is tried unless it is said.
inline constexpr std::uint64_t kUsualTries = 4;

struct SemanticsPlan {
  std::vector<Mount> mounts;  ///< one or more
  std::uint64_t tries = kUsualTries;
  bool stop_early = true;             ///< a slow file system gets fewer tries, but two at least
  std::chrono::seconds patience{30};  ///< for one step of a player
  Verbosity verbosity = Verbosity::usual;
};

/// Plays all experiments, each as often as planned, through every ordered pair of mounts in turn;
/// between two processes where there is one mount. With a fleet, players are ranks on their hosts.
/// What goes wrong is told in the rows. Throws Interrupted, and SystemError when no player can be
/// started.
Passport examine(const SemanticsPlan& plan, const FileOpener& open_file, Fleet* fleet = nullptr);

/// The scenario: the passport is added to the result. Throws as `examine` does.
void examine_semantics(const RunPlan& plan, const RaceContext& context, RunResult& result);

/// Throws UsageError where there is nobody to play with.
void check_semantics(const RunPlan& plan);

}  // namespace npyrace
