#pragma once
// Programs of the user's own, as they may be started: `run --exec` and what goes with it.

#include <chrono>
#include <string>
#include <vector>

#include "bench/launchers/scheduler.h"
#include "bench/options.h"

namespace npyrace {

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

}  // namespace npyrace
