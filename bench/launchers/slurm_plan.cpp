#include "bench/launchers/slurm_plan.h"

#include "bench/launchers/npyrace_there.h"
#include "core/error.h"

namespace npyrace {
namespace {

void refuse_unused(const SlurmOptions& options) {
  const auto refuse = [](bool typed, const char* option) {
    if (typed) throw UsageError(std::string(option) + " is for --launcher slurm: give that, too");
  };
  refuse(!options.sbatch.empty(), "--sbatch");
  refuse(options.together_seconds.has_value(), "--together");
  refuse(options.print_script, "--print-script");
}

}  // namespace

SlurmOrder make_slurm_order(const SlurmOptions& options, const std::string& npyrace, bool used) {
  if (!used) refuse_unused(options);
  for (const std::string& option : options.sbatch)
    if (option.find('\n') != std::string::npos || !option.starts_with("-"))
      throw UsageError("--sbatch takes one option of sbatch, as in --sbatch=--partition=short");
  SlurmOrder order{.npyrace = npyrace_there(npyrace), .options = options.sbatch};
  order.together_seconds = options.together_seconds.value_or(order.together_seconds);
  return order;
}

}  // namespace npyrace
