#include "bench/launchers/slurm_plan.h"

#include <filesystem>

#include "bench/launchers/child_process.h"
#include "core/error.h"

namespace npyrace {
namespace {

/// Where this program lies, which on a cluster is usually where nodes find it, too.
std::string own_path() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink(kOwnBinary, error);
  return error ? "npyrace" : path.string();
}

void refuse_unused(const SlurmOptions& options) {
  const auto refuse = [](bool typed, const char* option) {
    if (typed) throw UsageError(std::string(option) + " is for --launcher slurm: give that, too");
  };
  refuse(!options.sbatch.empty(), "--sbatch");
  refuse(options.together_seconds.has_value(), "--together");
  refuse(!options.npyrace.empty(), "--npyrace");
  refuse(options.print_script, "--print-script");
}

}  // namespace

SlurmOrder make_slurm_order(const SlurmOptions& options, bool used) {
  if (!used) refuse_unused(options);
  for (const std::string& option : options.sbatch)
    if (option.find('\n') != std::string::npos || !option.starts_with("-"))
      throw UsageError("--sbatch takes one option of sbatch, as in --sbatch=--partition=short");
  SlurmOrder order{.npyrace = options.npyrace.empty() ? own_path() : options.npyrace,
                   .options = options.sbatch};
  order.together_seconds = options.together_seconds.value_or(order.together_seconds);
  return order;
}

}  // namespace npyrace
