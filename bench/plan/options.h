#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/storage/array_options.h"

namespace npyrace {

/// How much standard error hears while a run goes on, besides trouble.
enum class Verbosity {
  quiet,    ///< nothing
  usual,    ///< the live line on a terminal; in a pipe a line now and then
  verbose,  ///< a line for every step that ended, also in a pipe, and the live line
};

// What was typed, not yet judged. make_plan turns it into something that can be meant.

/// Programs of the user's own as writers.
struct ExecOptions {
  std::vector<std::string> programs;  ///< shell commands, "COMMAND" or "NAME=COMMAND"
  std::string create;                 ///< a shell command that makes the array; empty: we do
  std::string scheduler;              ///< what is played; empty: none
  std::string expect;                 ///< what is right: "stamps" or "serial"; empty: stamps
  std::optional<std::uint64_t> time_limit_seconds;
};

/// How `--launcher slurm` submits.
struct SlurmOptions {
  std::vector<std::string> sbatch;  ///< options of sbatch, one each
  std::optional<std::uint64_t> together_seconds;
  bool print_script = false;  ///< instead of racing
};

inline constexpr const char* kUsualRemoteShell = "ssh -o BatchMode=yes -o ServerAliveInterval=15";

/// Whom `--launcher ssh` connects with.
struct SshOptions {
  std::vector<std::string> hosts;  ///< "n1", "n2:/other/dir"
  std::string rsh;                 ///< empty: kUsualRemoteShell
};

/// Paths; "-" for standard output, empty for none.
struct ResultOutputs {
  std::string json;
  std::string html;
};

struct RunOptions {
  std::vector<std::string> scenarios;
  std::vector<std::string> scenario_files;  ///< JSON, beside the named ones
  std::vector<std::string> dirs;            ///< empty: the current directory
  std::string lab;    ///< model of a lab to race in instead of dirs; empty for none
  std::string judge;  ///< a directory that decides what was kept; empty: the first of dirs
  ArrayOptions array;
  std::vector<std::string> strategies, layouts, ownerships, syncs, launchers, caches;
  std::vector<std::string> mix;  ///< strategies that the writers of one cell use in turn
  std::string local;             ///< a directory of this node; empty: that of temporary files
  std::vector<std::uint64_t> aligns_bytes, writers;
  std::optional<std::uint64_t> generations, repetitions, seed;
  std::optional<double> for_seconds;     ///< how long scenario soak goes on
  std::optional<std::uint64_t> readers;  ///< processes that read the file meanwhile
  std::chrono::seconds patience{120};
  bool keep = false;
  std::vector<std::string> labels;  ///< "KEY=VALUE"
  ExecOptions exec;                 ///< without programs: our own writers
  SlurmOptions slurm;
  SshOptions ssh;
  std::string npyrace;  ///< the program on other nodes; empty: by the path of this one
  Verbosity verbosity = Verbosity::usual;
  ResultOutputs outputs;
};

}  // namespace npyrace
