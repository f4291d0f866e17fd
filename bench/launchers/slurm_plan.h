#pragma once
// From what was typed for launcher slurm to what its jobs are told.

#include "bench/launchers/launcher.h"
#include "bench/options.h"

namespace npyrace {

inline constexpr const char* kSlurm = "slurm";

/// `npyrace` is the program on the nodes, as typed. Throws UsageError where options are given that
/// nothing will use.
SlurmOrder make_slurm_order(const SlurmOptions& options, const std::string& npyrace, bool used);

}  // namespace npyrace
