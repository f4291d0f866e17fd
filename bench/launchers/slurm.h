#pragma once
// The job script of one generation of a race under Slurm: an array job, one task a writer.

#include <cstdint>
#include <string>
#include <vector>

#include "bench/launchers/launcher.h"

namespace npyrace {

struct SlurmScript {
  std::string npyrace;             ///< the program, by a path that the nodes know
  std::vector<std::string> paths;  ///< of the array through each mount; writer w: w modulo these
  std::uint64_t writers = 1;
  unsigned generation = 1;
  std::string strategy, sync;
  std::uint64_t together_seconds = 0;  ///< how long a task waits for the others
  std::string output_folder;           ///< of what tasks print
  std::vector<std::string> options;    ///< of the user: "--partition=short"
};

/// For sbatch. Pure.
std::string slurm_script(const SlurmScript& script);

/// That of one generation of a race.
SlurmScript slurm_script_of(const RaceOrder& order, const SlurmOrder& slurm, std::uint64_t writers,
                            unsigned generation);

/// Where task `writer` prints.
std::string slurm_output_path(const std::string& folder, std::uint64_t writer);

// Writers as tasks of a Slurm array job, one job a generation: each runs `npyrace write`, and what
// they leave beside the array tells when and where they wrote.

class SlurmLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

}  // namespace npyrace
