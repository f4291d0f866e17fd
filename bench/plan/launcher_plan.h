#pragma once
// Validation of the options that belong to one launcher (exec, slurm, ssh, mpi), and their
// conversion to what the launcher receives.

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

/// True if `launcher` was requested.
bool wants(const RunOptions& options, const char* launcher);
/// True if a requested launcher uses ranks (mpi, ssh).
bool wants_ranks(const RunOptions& options);
/// True if `launcher` uses ranks, which are started before any race: by mpirun, or by us on hosts.
bool has_ranks(const std::string& launcher);

/// Throws UsageError for options of launchers that were not requested.
void refuse_unused(const RunOptions& options);

/// Requirements of a cell on its launcher.
struct LauncherNeeds {
  const std::vector<RankPlace>& ranks;  ///< the available ranks
  std::uint64_t writers = 1;
  std::string cache;  ///< requested page cache state, a row of cache_table()
};

/// Throws UsageError when `launcher` cannot meet the requirements.
void require_launcher(const std::string& launcher, const LauncherNeeds& needs);

// Options of `run --exec`: user programs as writers.

struct ExecProgram {
  std::string name;  ///< from NAME=COMMAND; empty for a single program
  std::string command;

  /// Name of its cells' strategy: "exec", or "exec:NAME".
  std::string strategy() const { return name.empty() ? "exec" : "exec:" + name; }
};

/// Values of --expect for help: "stamps, serial".
std::string expect_names();

struct ExecPlan {
  std::vector<ExecProgram> programs;
  std::string create;  ///< command that creates the array; empty: npyrace creates it
  const SchedulerRow* scheduler = nullptr;
  std::chrono::seconds time_limit{0};  ///< per program; 0: none
  /// --expect serial: the expected content is what the program writes when its writers run one
  /// after the other.
  bool serial = false;

  bool any() const { return !programs.empty(); }
  /// The command of the cells with that strategy name.
  const std::string& command_of(const std::string& strategy) const;
};

/// Program names must be lower-case, because FOO=1 before a command sets a variable. Throws
/// UsageError.
ExecPlan make_exec_plan(const ExecOptions& options);

// Options of launcher slurm.

/// `npyrace` is the path of the binary on the nodes, as typed. Throws UsageError if options are
/// given although the launcher is not used, and for a directory that a batch script cannot name.
SlurmOrder make_slurm_order(const SlurmOptions& options, const std::string& npyrace,
                            const std::vector<std::string>& dirs, bool used);

// Options of launcher ssh.

/// Resolves hosts, directories and remote shell. Throws UsageError.
SshOrder make_ssh_order(const RunOptions& options);

/// Throws UsageError when ssh options are given although the launcher is not used.
void refuse_unused_ssh(const SshOptions& options);

}  // namespace npyrace
