#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "bench/cli/arguments.h"
#include "bench/cli/commands.h"
#include "bench/lab/lab.h"
#include "bench/lab/program.h"
#include "bench/lab/server/server.h"
#include "core/base/error.h"
#include "core/base/print.h"
#include "core/base/table.h"
#include "core/os/shell.h"

namespace npyrace {
namespace {

struct LabOptions {
  std::string model = "nfs";
  unsigned nodes = 2;
  std::string latency;
  unsigned server_threads = 0;
  bool local_locks = false;
  std::vector<std::string> faults;
  std::string fault_file;
  std::optional<std::uint64_t> seed;
  std::string log;
  std::vector<std::string> command;
};

/// The command that creates the same lab again. It has absolute paths, because it may be repeated
/// in another directory.
std::string command_of(const LabOptions& options) {
  const LabOptions usual;
  std::string command = "npyrace lab --model " + shown_shell_word(options.model);
  const auto add = [&](const char* option, const std::string& value) {
    command += fmt::format(" {} {}", option, shown_shell_word(value));
  };
  if (options.nodes != usual.nodes) add("--nodes", std::to_string(options.nodes));
  if (!options.latency.empty()) add("--latency", options.latency);
  if (options.server_threads != 0) add("--server-threads", std::to_string(options.server_threads));
  if (options.local_locks) command += " --local-locks";
  for (const std::string& fault : options.faults) add("--fault", fault);
  if (!options.fault_file.empty())
    add("--fault-file", std::filesystem::absolute(options.fault_file).string());
  if (options.seed) add("--seed", std::to_string(*options.seed));
  return command;
}

LabPlan plan_from(const LabOptions& options) {
  LabPlan plan{.model = &lab_model(options.model),
               .nodes = options.nodes,
               .latency = options.latency,
               .server_threads = options.server_threads,
               .local_locks = options.local_locks};
  if (!options.fault_file.empty()) {
    lab::FaultFile file = lab::read_fault_file(options.fault_file);
    plan.faults = std::move(file.faults);
    plan.seed = file.seed.value_or(plan.seed);
  }
  for (const std::string& fault : options.faults)
    plan.faults.push_back(naming("--fault " + fault, [&] { return lab::parse_fault(fault); }));
  plan.seed = options.seed.value_or(plan.seed);
  if (!options.log.empty()) plan.log_path = std::filesystem::absolute(options.log).string();
  check(plan);
  return plan;
}

ExitCode run(const LabOptions& options) {
  const LabPlan plan = plan_from(options);
  Lab lab(plan);
  const int code = run_on_lab(lab, with_places(options.command, lab), command_of(options));
  const auto struck = plan.faults.empty() ? std::nullopt : lab.faults_struck();
  if (struck) print_note("npyrace: {} faults struck (seed {})\n", *struck, plan.seed);
  return static_cast<ExitCode>(code);  // the exit code of the user's command
}

constexpr const char* kLabDescription =
    "Run COMMAND on a file system that imitates several nodes of a cluster on this machine, with a\n"
    "consistency model and faults that you choose. Nothing is installed, and the file system is\n"
    "removed when COMMAND ends; it needs /dev/fuse.\n\n"
    "In COMMAND, {n1}, {n2} ... are replaced by one directory per node, and {store} by the directory\n"
    "that shows what the server has stored. NPYRACE_LAB holds the directories of the nodes,\n"
    "separated by colons.";

constexpr const char* kLabExits =
    "\nExit code: that of COMMAND; 2 usage; 3 the lab or COMMAND cannot be started.";

std::string models_text() {
  std::string text = "Models:\n";
  for (const LabModel& model : lab_models())
    text += fmt::format("  {:<10} {}\n", model.name, model.summary);
  return text;
}

std::string faults_text() {
  std::string text = "\nFaults, as KIND or KIND:key=value,key=value:\n";
  for (const lab::FaultRow& row : lab::fault_table())
    text += fmt::format("  {:<12} {}\n", row.name, row.summary);
  return text +
         "\nKeys of all faults: op=open|read|write|fsync|close|lock|meta, node=N, file=PATTERN, "
         "nth=N, every=N, times=N, chance=P (0 to 1), after=TIME\n";
}

}  // namespace

Action declare_lab(CLI::App& app) {
  auto options = std::make_shared<LabOptions>();
  app.description(kLabDescription);
  app.footer(models_text() + faults_text() + kLabExits);
  app.add_option("COMMAND", options->command, "After --: the command and its arguments")
      ->required();
  app.option_defaults()->group("File system");
  app.add_option("--model", options->model, "Consistency model: " + names_of(lab_models()))
      ->type_name("MODEL")
      ->capture_default_str();
  app.add_option("--nodes", options->nodes, "Number of nodes, one mount each")
      ->check(whole_number())
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--local-locks", options->local_locks,
               "Locks exclude only processes on the same node, as on NFS with nolock");
  app.add_option("--latency", options->latency,
                 "Time an operation takes: 2ms, or write=2ms,fsync=10ms,n2=5ms,n2.write=8ms")
      ->type_name("TIME");
  app.add_option("--server-threads", options->server_threads,
                 "Maximum number of operations that the server handles at once; 0: no limit")
      ->check(whole_number())
      ->type_name("N")
      ->capture_default_str();
  app.option_defaults()->group("Faults");
  app.add_option("--fault", options->faults,
                 "A fault to inject, as below: --fault drop:nth=3 (repeat for more)")
      ->type_name("SPEC")
      ->allow_extra_args(false)  // one value each, so that a following `--` is not consumed
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--fault-file", options->fault_file, "Read the faults from this JSON file")
      ->type_name("FILE");
  app.add_option("--seed", options->seed, "Seed of faults that strike at random (default: 1)")
      ->check(whole_number())
      ->type_name("S");
  app.add_option("--log", options->log,
                 "File to which every injected fault is written, as JSON lines")
      ->type_name("FILE");
  return [options] { return run(*options); };
}

#ifdef NPYRACE_HAVE_FUSE
Action declare_lab_server(CLI::App&) {
  return [] {
    lab::run_server();
    return ExitCode::fine;
  };
}
#endif

}  // namespace npyrace
