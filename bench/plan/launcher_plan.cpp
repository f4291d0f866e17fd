#include "bench/plan/launcher_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <span>

#include "core/base/error.h"
#include "core/base/table.h"
#include "core/os/shell.h"

namespace npyrace {
namespace {

/// The queue's choice of nodes is not known in advance, so their caches cannot be prepared.
void require_no_cache_state(const std::string& cache) {
  if (cache != "as-is")
    throw UsageError(fmt::format(
        "--cache {}: launcher slurm races on nodes that Slurm chooses, and leaves their "
        "caches as they are: drop --cache",
        cache));
}

}  // namespace

bool wants(const RunOptions& options, const char* launcher) {
  return std::ranges::count(options.launchers, launcher) > 0;
}

bool has_ranks(const std::string& launcher) {
  return launcher == kMpi || launcher == kSsh;
}

bool wants_ranks(const RunOptions& options) {
  return std::ranges::any_of(options.launchers, has_ranks);
}

void refuse_unused(const RunOptions& options) {
  if (!wants(options, kSsh)) refuse_unused_ssh(options.ssh);
  if (!options.npyrace.empty() && !wants(options, kSsh) && !wants(options, kSlurm))
    throw UsageError("--npyrace is for launchers ssh and slurm: give --launcher, too");
}

void require_launcher(const std::string& launcher, const LauncherNeeds& needs) {
  if (launcher == kMpi) require_ranks(needs.ranks, needs.writers);
  if (launcher == kSsh) require_hosts(needs.ranks, needs.writers);
  if (launcher == kSlurm) require_no_cache_state(needs.cache);
}

namespace {

bool is_name(std::string_view text) {
  const auto belongs = [](unsigned char c) {
    return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-' || c == '_' || c == '.';
  };
  return !text.empty() && std::islower(static_cast<unsigned char>(text[0])) != 0 &&
         std::ranges::all_of(text, belongs);
}

ExecProgram parse_program(const std::string& typed) {
  const std::size_t equals = typed.find('=');
  ExecProgram program{.name = "", .command = typed};
  if (equals != std::string::npos && is_name(std::string_view(typed).substr(0, equals)))
    program = {.name = typed.substr(0, equals), .command = typed.substr(equals + 1)};
  if (program.command.find_first_not_of(" \t\n") == std::string::npos)
    throw UsageError(fmt::format("--exec '{}' names no command", typed));
  return program;
}

/// Cells of different programs need different names.
void require_names(const std::vector<ExecProgram>& programs) {
  if (programs.size() < 2) return;
  std::set<std::string> names;
  for (const ExecProgram& program : programs) {
    if (program.name.empty())
      throw UsageError(fmt::format(
          "several --exec need names to tell them apart: --exec NAME='{}', with a NAME of "
          "lower-case letters, digits, - and _",
          program.command));
    if (!names.insert(program.name).second)
      throw UsageError(fmt::format("two --exec are called {}", program.name));
  }
}

void require_program(const ExecOptions& options) {
  if (!options.programs.empty()) return;
  const char* lonely = !options.create.empty()      ? "--exec-create"
                       : !options.scheduler.empty() ? "--scheduler"
                       : !options.expect.empty()    ? "--expect"
                       : options.time_limit_seconds ? "--time-limit"
                                                    : nullptr;
  if (lonely != nullptr)
    throw UsageError(fmt::format("{} is for programs of your own: add --exec 'COMMAND'", lonely));
}

}  // namespace

const std::string& ExecPlan::command_of(const std::string& strategy) const {
  for (const ExecProgram& program : programs)
    if (program.strategy() == strategy) return program.command;
  static const std::string none;
  return none;
}

namespace {

/// Source of the expected content.
struct ExpectRow {
  const char* name;
  const char* summary;
  bool serial;
};

constexpr ExpectRow kExpects[] = {
    {"stamps", "NPYRACE_EXPECT, from which programs copy their slice", false},
    {"serial", "what the program itself leaves when its writers run one after the other", true},
};

}  // namespace

std::string expect_names() {
  return names_of(std::span<const ExpectRow>(kExpects));
}

ExecPlan make_exec_plan(const ExecOptions& options) {
  require_program(options);
  ExecPlan plan{
      .create = options.create,
      .scheduler = &find_scheduler(options.scheduler.empty() ? "none" : options.scheduler),
      .time_limit = std::chrono::seconds(options.time_limit_seconds.value_or(0)),
      .serial = !options.expect.empty() &&
                find_row("--expect", options.expect, std::span<const ExpectRow>(kExpects)).serial};
  for (const std::string& typed : options.programs) plan.programs.push_back(parse_program(typed));
  require_names(plan.programs);
  if (options.time_limit_seconds == 0u) throw UsageError("--time-limit must be 1 or more");
  return plan;
}

namespace {

void refuse_unused(const SlurmOptions& options) {
  const auto refuse = [](bool typed, const char* option) {
    if (typed) throw UsageError(std::string(option) + " is for --launcher slurm: give that, too");
  };
  refuse(!options.sbatch.empty(), "--sbatch");
  refuse(options.together_seconds.has_value(), "--together");
  refuse(options.print_script, "--print-script");
}

/// In a line of a batch script that names a folder, a line end would begin a command, and Slurm
/// removes backslashes.
void require_nameable(const std::vector<std::string>& dirs) {
  for (const std::string& dir : dirs) {
    const std::string path = std::filesystem::absolute(dir).string();
    const bool controls = std::ranges::any_of(path, [](char c) { return c >= 0 && c < ' '; });
    if (controls || path.find('\\') != std::string::npos)
      throw UsageError(
          "--dir: launcher slurm needs a directory whose path has no backslash, line "
          "end or other control character: " +
          shown_shell_word(path));
  }
}

}  // namespace

SlurmOrder make_slurm_order(const SlurmOptions& options, const std::string& npyrace,
                            const std::vector<std::string>& dirs, bool used) {
  if (!used) refuse_unused(options);
  if (used) require_nameable(dirs.empty() ? std::vector<std::string>{"."} : dirs);
  for (const std::string& option : options.sbatch)
    if (option.find('\n') != std::string::npos || !option.starts_with("-"))
      throw UsageError("--sbatch takes one option of sbatch, as in --sbatch=--partition=short");
  SlurmOrder order{.npyrace = npyrace_there(npyrace), .options = options.sbatch};
  order.together_seconds = options.together_seconds.value_or(order.together_seconds);
  return order;
}

namespace {

constexpr std::uint64_t kWritersAHost = 2;

}  // namespace

SshOrder make_ssh_order(const RunOptions& options) {
  if (options.ssh.hosts.empty())
    throw UsageError("launcher ssh needs hosts: run --launcher ssh --hosts n1,n2");
  if (!options.lab.empty())
    throw UsageError("launcher ssh takes a lab from outside: npyrace lab --model " + options.lab +
                     " -- npyrace run --launcher ssh --dir {n1} --hosts n1:{n1},n2:{n2}");
  SshOrder order{.rsh = options.ssh.rsh.empty() ? kUsualRemoteShell : options.ssh.rsh,
                 .npyrace = npyrace_there(options.npyrace),
                 .version = NPYRACE_VERSION,
                 .patience = options.patience};
  for (const std::string& host : options.ssh.hosts) order.hosts.push_back(parse_ssh_host(host));
  for (const std::string& dir : options.dirs.empty() ? std::vector<std::string>{"."} : options.dirs)
    order.dirs.push_back(std::filesystem::absolute(dir).lexically_normal().string());
  order.writers = options.writers.empty() ? order.hosts.size() * kWritersAHost
                                          : std::ranges::max(options.writers);
  if (order.writers == 0) throw UsageError("--writers must be 1 or more");
  return order;
}

void refuse_unused_ssh(const SshOptions& options) {
  if (!options.hosts.empty()) throw UsageError("--hosts is for --launcher ssh: give that, too");
  if (!options.rsh.empty()) throw UsageError("--rsh is for --launcher ssh: give that, too");
}

}  // namespace npyrace
