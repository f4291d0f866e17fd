#pragma once
// Scenario `semantics`: the passport of a file system, from experiments between its mounts.

#include <chrono>
#include <cstdint>
#include <vector>

#include "bench/mounts.h"
#include "bench/progress.h"
#include "core/file.h"
#include "core/passport.h"

namespace npyrace {

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
