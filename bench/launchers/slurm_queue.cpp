#include "bench/launchers/slurm_queue.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <sstream>

#include "bench/launchers/exec_output.h"
#include "bench/launchers/launcher.h"
#include "bench/launchers/shell_command.h"
#include "bench/private_folder.h"
#include "bench/shell_word.h"
#include "bench/whole_file.h"

namespace npyrace {
namespace {

constexpr std::chrono::seconds kAnswersWithin{60};

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// "KEY=VALUE" of scontrol's one line a job; empty: not there.
std::string field(const std::string& line, const std::string& key) {
  const std::string start = " " + key + "=";
  const std::size_t at = line.find(start);
  if (at == std::string::npos) return "";
  const std::size_t from = at + start.size();
  return line.substr(from, line.find(' ', from) - from);
}

/// "0:9": exit code and signal.
void read_exit(const std::string& text, SlurmTask& task) {
  char colon = 0;
  std::istringstream(text) >> task.exit_code >> colon >> task.signal;
}

/// "7", "3-5,8", "3-9%2": numbers of tasks, and how many may run at once.
void add_tasks(const std::string& numbers, const SlurmTask& task, SlurmTasks& tasks) {
  std::istringstream parts(numbers.substr(0, numbers.find('%')));
  for (std::string part; std::getline(parts, part, ',');) {
    std::uint64_t first = 0;
    char dash = 0;
    std::istringstream words(part);
    if (!(words >> first)) continue;
    std::uint64_t last = first;
    if (words >> dash) words >> last;
    for (std::uint64_t number = first; number <= last; ++number) tasks[number] = task;
  }
}

}  // namespace

SlurmTasks parse_slurm_tasks(const std::string& text) {
  SlurmTasks tasks;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    line = " " + line;
    SlurmTask task{.state = field(line, "JobState"),
                   .node = field(line, "BatchHost"),
                   .reason = field(line, "Reason")};
    read_exit(field(line, "ExitCode"), task);
    add_tasks(field(line, "ArrayTaskId"), task, tasks);
  }
  return tasks;
}

bool has_ended(const SlurmTask& task) {
  constexpr std::array kEnds{"COMPLETED", "CANCELLED", "FAILED",        "TIMEOUT",  "NODE_FAIL",
                             "PREEMPTED", "BOOT_FAIL", "OUT_OF_MEMORY", "DEADLINE", "REVOKED"};
  return std::ranges::find(kEnds, task.state) != kEnds.end();
}

std::string no_slurm_reason() {
  const auto status = run_to_end(
      {.command = "for tool in sbatch scontrol scancel; do command -v $tool || exit 1; done "
                  ">/dev/null 2>&1"});
  return *status == 0 ? "" : "no Slurm here: sbatch, scontrol, scancel are not in PATH";
}

SlurmJob::SlurmJob(const std::string& script) {
  const PrivateFolder folder("slurm");
  write_whole_file(folder.file("job.sh"), script);
  const auto status =
      run_to_end({.command = "exec sbatch --parsable " + shell_word(folder.file("job.sh")),
                  .output_path = folder.file("output"),
                  .time_limit = kAnswersWithin});
  const std::string words = last_line(folder.file("output"));
  if (!status || *status != 0)
    throw RaceError(fmt::format("sbatch: {}", status ? words : "does not answer"), false);
  id_ = words.substr(0, words.find(';'));  // the name of a cluster may follow
  if (id_.empty() || !std::ranges::all_of(id_, [](unsigned char c) { return std::isdigit(c); }))
    throw RaceError(fmt::format("sbatch: printed no number of a job but '{}'", words), false);
}

SlurmJob::~SlurmJob() {
  if (ended_) return;
  try {
    run_to_end({.command = "exec scancel " + id_ + " 2>/dev/null",
                .time_limit = kAnswersWithin,
                .tidies_up = true});
  } catch (const std::exception&) {
    // There is nobody left to tell.
  }
}

std::optional<SlurmTasks> SlurmJob::tasks() const {
  const PrivateFolder folder("slurm");
  const auto status = run_to_end({.command = "exec scontrol show job -o " + id_,
                                  .output_path = folder.file("output"),
                                  .time_limit = kAnswersWithin});
  const std::string text = text_of(folder.file("output"));
  if (status && *status == 0) return parse_slurm_tasks(text);
  // Forgotten, some time after its end; any other trouble passes.
  if (text.find("Invalid job id") != std::string::npos) return SlurmTasks{};
  return std::nullopt;
}

}  // namespace npyrace
