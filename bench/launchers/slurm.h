#pragma once
// Launcher slurm: runs each generation as a Slurm array job, one task per writer, and builds the
// job script for it.

#include <cstdint>
#include <string>
#include <vector>

#include "bench/launchers/launcher.h"

namespace npyrace {

struct SlurmScript {
  std::string npyrace;  ///< path of the npyrace binary on the nodes
  /// The array's path through each mount; writer w uses number w modulo these.
  std::vector<std::string> paths;
  std::uint64_t writers = 1;
  unsigned generation = 1;
  std::string strategy, sync;
  std::uint64_t together_seconds = 0;  ///< how long a task waits for the others
  std::string output_folder;           ///< folder for the tasks' output
  std::vector<std::string> options;    ///< options of the user: "--partition=short"
};

/// The script text for sbatch. Pure.
std::string slurm_script(const SlurmScript& script);

/// Parameters of the script for one generation of a race.
SlurmScript slurm_script_of(const RaceOrder& order, const SlurmOrder& slurm, std::uint64_t writers,
                            unsigned generation);

/// File that receives the output of task `writer`.
std::string slurm_output_path(const std::string& folder, std::uint64_t writer);

}  // namespace npyrace
