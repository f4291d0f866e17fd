#pragma once
// What launchers ask of the options that were typed, and of cells that are planned.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/launchers/launcher.h"
#include "bench/launchers/scheduler.h"
#include "bench/plan/options.h"
#include "bench/remote/connection.h"
#include "bench/remote/rank_place.h"

namespace npyrace {

inline constexpr const char* kMpi = "mpi";

/// Whether `launcher` is among what was typed.
bool wants(const RunOptions& options, const char* launcher);
/// Whether one is whose writers are there before any race.
bool wants_ranks(const RunOptions& options);
/// Whether this is such a launcher: mpirun has started its writers, or we have on hosts.
bool has_ranks(const std::string& launcher);

/// Throws UsageError for options of launchers that were not asked for.
void refuse_unused(const RunOptions& options);

/// What a cell wants of its launcher.
struct LauncherNeeds {
  const std::vector<RankPlace>& ranks;  ///< that are there
  std::uint64_t writers = 1;
  std::string cache;  ///< state of the page cache before a race
};

/// Throws UsageError when `launcher` cannot.
void require_launcher(const std::string& launcher, const LauncherNeeds& needs);

// Programs of the user's own, as they may be started: `run --exec` and what goes with it.

struct ExecProgram {
  std::string name;  ///< of NAME=COMMAND; empty for the only one
  std::string command;

  /// What its cells are called: "exec", or "exec:NAME".
  std::string strategy() const { return name.empty() ? "exec" : "exec:" + name; }
};

/// For help: "stamps, serial".
std::string expect_names();

struct ExecPlan {
  std::vector<ExecProgram> programs;
  std::string create;  ///< makes the array instead of us; empty: we make it
  const SchedulerRow* scheduler = nullptr;
  std::chrono::seconds time_limit{0};  ///< of each program; 0: none
  /// The truth is what the program itself writes where its writers run one after the other.
  bool serial = false;

  bool any() const { return !programs.empty(); }
  /// The command of the cells whose strategy is called so.
  const std::string& command_of(const std::string& strategy) const;
};

/// Names are lower-case, because FOO=1 before a command is a variable. Throws UsageError.
ExecPlan make_exec_plan(const ExecOptions& options);

// From what was typed for launcher slurm to what its jobs are told.

inline constexpr const char* kSlurm = "slurm";

/// `npyrace` is the program on the nodes, as typed. Throws UsageError where options are given that
/// nothing will use.
SlurmOrder make_slurm_order(const SlurmOptions& options, const std::string& npyrace, bool used);

// From what was typed for launcher ssh to the hosts to connect to.

/// Throws UsageError.
SshOrder make_ssh_order(const RunOptions& options);

/// Throws UsageError where options of launcher ssh are given that nothing will use.
void refuse_unused_ssh(const SshOptions& options);

}  // namespace npyrace
