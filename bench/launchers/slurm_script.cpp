#include "bench/launchers/slurm_script.h"

#include <fmt/format.h>

#include <filesystem>

#include "bench/jobs/job_folder.h"
#include "bench/shell_word.h"

namespace npyrace {
namespace {

/// Slurm replaces what follows a percent sign in names of files.
std::string without_patterns(const std::string& path) {
  std::string out;
  for (const char c : path) out += c == '%' ? "%%" : std::string(1, c);
  return out;
}

std::string directive(const std::string& option) {
  return "#SBATCH " + option + "\n";
}

}  // namespace

std::string slurm_output_path(const std::string& folder, std::uint64_t writer) {
  return fmt::format("{}/task-{}.out", folder, writer);
}

SlurmScript slurm_script_of(const RaceOrder& order, const SlurmOrder& slurm, std::uint64_t writers,
                            unsigned generation) {
  std::vector<std::string> paths;
  for (const std::string& path : order.paths)
    paths.push_back(std::filesystem::absolute(path).lexically_normal().string());
  return {.npyrace = slurm.npyrace,
          .paths = paths,
          .writers = writers,
          .generation = generation,
          .strategy = order.strategies.front(),
          .sync = order.sync,
          .together_seconds = slurm.together_seconds,
          .output_folder = job_folder(paths.front()),
          .options = slurm.options};
}

std::string slurm_script(const SlurmScript& script) {
  std::string text =
      "#!/bin/sh\n" + directive("--job-name=npyrace") +
      directive(fmt::format("--array=0-{}", script.writers - 1)) + directive("--ntasks=1") +
      directive("--requeue") +
      directive(fmt::format("--output=\"{}/task-%a.out\"", without_patterns(script.output_folder)));
  for (const std::string& option : script.options) text += directive(option);
  text += "# The same file through each mount: neighbours go through different ones.\nset --";
  for (const std::string& path : script.paths) text += " " + shell_word(path);
  text += "\nshift $((SLURM_ARRAY_TASK_ID % $#))\n";
  text += fmt::format(
      "exec {} write \"$1\" --worker \"$SLURM_ARRAY_TASK_ID/{}\" --generation {} --strategy {} "
      "--sync {}{}\n",
      shell_word(script.npyrace), script.writers, script.generation, shell_word(script.strategy),
      shell_word(script.sync),
      script.together_seconds > 0 ? fmt::format(" --together {}", script.together_seconds) : "");
  return text;
}

}  // namespace npyrace
