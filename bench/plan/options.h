#pragma once
// The options of `run` as typed, before validation by make_plan.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/storage/array_options.h"

namespace npyrace {

/// Amount of progress output on standard error; errors are always printed.
enum class Verbosity {
  quiet,    ///< nothing
  usual,    ///< a progress line on a terminal; otherwise a line now and then
  verbose,  ///< one line per completed step, and the progress line on a terminal
};

/// User programs as writers.
struct ExecOptions {
  std::vector<std::string> programs;  ///< shell commands, "COMMAND" or "NAME=COMMAND"
  std::string create;     ///< shell command that creates the array; empty: npyrace creates it
  std::string scheduler;  ///< batch system to imitate; empty: none
  std::string expect;     ///< source of the expected content: "stamps" or "serial"; empty: stamps
  std::optional<std::uint64_t> time_limit_seconds;
};

/// Options of `--launcher slurm`.
struct SlurmOptions {
  std::vector<std::string> sbatch;  ///< options for sbatch, one each
  std::optional<std::uint64_t> together_seconds;
  bool print_script = false;  ///< print the job script instead of racing
};

inline constexpr const char* kUsualRemoteShell = "ssh -o BatchMode=yes -o ServerAliveInterval=15";

/// Options of `--launcher ssh`.
struct SshOptions {
  std::vector<std::string> hosts;  ///< "n1", "n2:/other/dir"
  std::string rsh;                 ///< empty: kUsualRemoteShell
};

/// Output paths; "-" for standard output, empty for none.
struct ResultOutputs {
  std::string json;
  std::string html;
};

struct RunOptions {
  std::vector<std::string> scenarios;
  std::vector<std::string> scenario_files;  ///< JSON files, in addition to the named scenarios
  std::vector<std::string> dirs;            ///< empty: the current directory
  std::string lab;    ///< consistency model of a lab to race in, instead of dirs; empty: no lab
  std::string judge;  ///< directory through which the file is judged; empty: the first of dirs
  ArrayOptions array;
  std::vector<std::string> strategies, layouts, ownerships, syncs, launchers, caches;
  std::vector<std::string> mix;  ///< strategies for the writers of one cell, in turn
  std::string local;             ///< node-local directory; empty: that of temporary files
  std::vector<std::uint64_t> aligns_bytes, writers;
  std::optional<std::uint64_t> generations, repetitions, seed;
  std::optional<double> for_seconds;     ///< duration of scenario soak
  std::optional<std::uint64_t> readers;  ///< number of processes that read the file during the race
  std::optional<double> at_most_seconds;  ///< the run ends then, with what was measured
  bool dry_run = false;                   ///< print the plan instead of racing
  std::chrono::seconds patience{120};
  bool keep = false;
  std::vector<std::string> labels;  ///< "KEY=VALUE"
  ExecOptions exec;                 ///< without programs: npyrace's own writers
  SlurmOptions slurm;
  SshOptions ssh;
  std::string npyrace;  ///< path of the binary on other nodes; empty: the path of this one
  Verbosity verbosity = Verbosity::usual;
  ResultOutputs outputs;
};

}  // namespace npyrace
