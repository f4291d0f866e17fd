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
#include <string_view>
#include <thread>

#include "bench/launchers/exec_program.h"
#include "bench/launchers/launcher.h"
#include "core/base/text.h"
#include "core/file/atomic_file.h"
#include "core/os/shell.h"
#include "core/os/stopwatch.h"
#include "core/os/temporary_folder.h"

namespace npyrace {
namespace {

constexpr std::chrono::seconds kAnswersWithin{60};
/// Slurm waits 30 seconds between SIGTERM and SIGKILL.
constexpr std::chrono::seconds kEndsWithin{45};

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Value of "KEY=VALUE" in scontrol's line for a job; empty: missing.
std::string field(const std::string& line, const std::string& key) {
  const std::string start = " " + key + "=";
  const std::size_t at = line.find(start);
  if (at == std::string::npos) return "";
  const std::size_t from = at + start.size();
  return line.substr(from, line.find(' ', from) - from);
}

/// Parses "0:9": exit code and signal.
void read_exit(const std::string& text, SlurmTask& task) {
  char colon = 0;
  std::istringstream(text) >> task.exit_code >> colon >> task.signal;
}

/// Parses "7", "3-5,8", "3-9%2": task numbers, and how many may run at once.
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

namespace {

struct Printed {
  std::optional<int> status;  ///< nothing: timeout
  std::string text;           ///< standard output
  std::string words;          ///< the last line of standard error, else of standard output
};

/// With `tidies_up` the tool continues after an interrupt.
Printed ask_tool(const std::string& command, bool tidies_up) {
  const TemporaryFolder folder("slurm");
  const std::string errors = folder.file("errors");
  const auto status =
      run_to_end({.command = fmt::format("exec 2>{}; exec {}", shell_word(errors), command),
                  .output_path = folder.file("output"),
                  .time_limit = kAnswersWithin,
                  .tidies_up = tidies_up});
  const std::string words = last_line(errors);
  return {status, text_of(folder.file("output")),
          words.empty() ? last_line(folder.file("output")) : words};
}

std::string tool(const char* name, const SlurmJobName& job) {
  return job.cluster.empty() ? name : fmt::format("{} -M {}", name, shell_word(job.cluster));
}

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// Accepts exactly "NUMBER" or "NUMBER;CLUSTER".
std::optional<SlurmJobName> parsable(std::string_view line) {
  const std::size_t semicolon = line.find(';');
  const std::string_view number = line.substr(0, semicolon);
  if (!is_number(number)) return std::nullopt;
  if (semicolon == std::string_view::npos) return SlurmJobName{std::string(number), ""};
  const std::string_view cluster = line.substr(semicolon + 1);
  if (cluster.find_first_of(" \t;") != std::string_view::npos) return std::nullopt;
  return SlurmJobName{std::string(number), std::string(cluster)};
}

std::optional<SlurmJobName> spoken(std::string_view line) {
  constexpr std::string_view kWords = "Submitted batch job ";
  const std::size_t at = line.find(kWords);
  if (at == std::string_view::npos) return std::nullopt;
  std::istringstream words{std::string(line.substr(at + kWords.size()))};
  SlurmJobName job;
  std::string on, cluster;
  words >> job.number;
  if (!is_number(job.number)) return std::nullopt;
  if (words >> on >> cluster && on == "on" && cluster == "cluster") words >> job.cluster;
  return job;
}

/// The value on which all lines agree; nothing if they differ.
template <typename Parse>
std::optional<SlurmJobName> only_one(const std::string& text, Parse parse) {
  std::optional<SlurmJobName> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::optional<SlurmJobName> job = parse(trimmed(line));
    if (!job) continue;
    if (found && *found != *job) return std::nullopt;
    found = job;
  }
  return found;
}

std::optional<SlurmTasks> not_empty(SlurmTasks tasks) {
  return tasks.empty() ? std::nullopt : std::optional(std::move(tasks));
}

}  // namespace

SlurmTasks parse_slurm_rows(const std::string& text, const std::string& number) {
  SlurmTasks tasks;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::string start = number + "_";
    if (!line.starts_with(start)) continue;
    std::istringstream fields(line.substr(start.size()));
    std::string numbers, state, exit, node;
    std::getline(fields, numbers, '|');
    std::getline(fields, state, '|');
    std::getline(fields, exit, '|');
    std::getline(fields, node, '|');
    if (numbers.find('.') != std::string::npos) continue;  // a job step
    std::erase_if(numbers, [](char c) { return c == '[' || c == ']'; });
    SlurmTask task{.state = state.substr(0, state.find_first_of(" +")), .node = node};
    if (!exit.empty()) read_exit(exit, task);
    add_tasks(numbers, task, tasks);
  }
  return tasks;
}

std::optional<SlurmJobName> parse_submission(const std::string& text) {
  const auto job = only_one(text, parsable);
  return job ? job : only_one(text, spoken);
}

SlurmJob::SlurmJob(const std::string& script, std::uint64_t tasks) : tasks_(tasks) {
  const TemporaryFolder folder("slurm");
  write_file_atomically(folder.file("job.sh"), script);
  const Printed printed = ask_tool("sbatch --parsable " + shell_word(folder.file("job.sh")), true);
  const std::optional<SlurmJobName> job = parse_submission(printed.text);
  if (job) name_ = *job;
  const bool well = printed.status && *printed.status == 0;
  if (job && well) return;
  if (job)
    problem_ = fmt::format("sbatch: {}, after it had submitted job {}",
                           printed.status ? printed.words : "no answer", name());
  else if (!printed.status)
    problem_ = fmt::format("sbatch: no answer in {} s", kAnswersWithin.count());
  else if (well)
    problem_ = fmt::format("sbatch: printed no number of a job, or several: '{}'", printed.words);
  else
    throw RaceError(fmt::format("sbatch: {}", printed.words), false);
}

SlurmJob::~SlurmJob() {
  if (!ended_) cancel();
}

std::string SlurmJob::name() const {
  if (name_.number.empty()) return "of an unknown number (see squeue --me)";
  return name_.cluster.empty() ? name_.number
                               : fmt::format("{} on cluster {}", name_.number, name_.cluster);
}

bool SlurmJob::cancel() noexcept {
  if (ended_) return true;
  ended_ = true;  // nothing left to cancel
  if (name_.number.empty()) return false;
  try {
    ask_tool(fmt::format("{} {}", tool("scancel", name_), name_.number), true);
    return wait_until_ended();
  } catch (const std::exception&) {
    return false;
  }
}

/// A pending task ends at once; a running one may need time.
bool SlurmJob::wait_until_ended() {
  const std::int64_t start_ns = monotonic_ns();
  while (std::chrono::nanoseconds(monotonic_ns() - start_ns) < kEndsWithin) {
    const SlurmAnswer answer = ask_while(true);
    const bool known = answer.knows == SlurmAnswer::Knows::job ||
                       (answer.knows == SlurmAnswer::Knows::some && answer.tasks.size() == tasks_);
    const bool still = std::ranges::any_of(
        answer.tasks, [](const auto& task) { return !npyrace::has_ended(task.second); });
    if (known && !still) return true;
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  return false;
}

SlurmAnswer SlurmJob::ask() const {
  return ask_while(false);
}

SlurmAnswer SlurmJob::ask_while(bool tidies_up) const {
  const Printed printed =
      ask_tool(fmt::format("{} show job -o {}", tool("scontrol", name_), name_.number), tidies_up);
  const bool well = printed.status && *printed.status == 0;
  if (well)
    if (auto tasks = not_empty(parse_slurm_tasks(printed.text))) {
      // A missing task has ended, unless the queue still lists it.
      if (tasks->size() < tasks_) tasks->merge(ask_queue(tidies_up));
      return {.knows = SlurmAnswer::Knows::job, .tasks = *tasks};
    }
  // The controller has forgotten the job some time after its end, or lost its state.
  if (well || printed.words.find("Invalid job id") != std::string::npos ||
      printed.text.find("Invalid job id") != std::string::npos)
    return ask_others(tidies_up, printed.words);
  return {};  // other errors are temporary
}

SlurmTasks SlurmJob::rows_of(const std::string& command, bool tidies_up) const {
  const Printed printed = ask_tool(command, tidies_up);
  if (!printed.status || *printed.status != 0) return {};
  return parse_slurm_rows(printed.text, name_.number);
}

SlurmTasks SlurmJob::ask_queue(bool tidies_up) const {
  return rows_of(fmt::format("{} -h -r -j {} -o '%i|%T||%N'", tool("squeue", name_), name_.number),
                 tidies_up);
}

/// Asks squeue, which works from another host at some sites, and sacct, which some sites lack.
/// Entries of the queue are newer than those of the accounting.
SlurmAnswer SlurmJob::ask_others(bool tidies_up, const std::string& words) const {
  SlurmAnswer answer{.tasks = ask_queue(tidies_up), .words = words};
  answer.tasks.merge(rows_of(fmt::format("{} -n -X -P -j {} -o JobID,State,ExitCode,NodeList",
                                         tool("sacct", name_), name_.number),
                             tidies_up));
  answer.knows = answer.tasks.empty() ? SlurmAnswer::Knows::nothing : SlurmAnswer::Knows::some;
  return answer;
}

}  // namespace npyrace
