#include "bench/race/run.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <memory>

#include "bench/cli/arguments.h"
#include "bench/cli/commands.h"
#include "bench/cli/dry_run.h"
#include "bench/cli/output.h"
#include "bench/cli/scenario_table.h"
#include "bench/experiments/file_agent.h"
#include "bench/lab/lab.h"
#include "bench/launchers/slurm.h"
#include "bench/plan/launcher_plan.h"
#include "bench/plan/matrices.h"
#include "bench/plan/plan.h"
#include "bench/remote/coordinator.h"
#include "bench/remote/rank_service.h"
#include "bench/remote/ssh_transport.h"
#include "bench/storage/race_file.h"
#include "core/array/layout.h"
#include "core/array/stamp.h"
#include "core/base/error.h"
#include "core/base/print.h"
#include "core/base/table.h"
#include "core/file/posix_file.h"
#include "core/os/signals.h"
#include "reports/text/cell_words.h"
#include "reports/text/terminal_report.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

constexpr const char* kRunDescription =
    "Race write strategies: several writers write one shared NPY file at the same time, every record\n"
    "is read back, and the report says which ways of writing are safe here and how fast. Files get\n"
    "unique names under --dir and are removed afterwards.\n\n"
    "Each combination of the values under \"What to compare\" is a cell, a line of the report. These\n"
    "options replace the values of the scenario, which --dry-run prints. Repetitions of all cells\n"
    "are interleaved at random, so that drift of the machine affects all cells equally.";

constexpr const char* kRunExits =
    "Exit code: 0 fine (also inconclusive or skipped), 1 a cell is unsafe, 2 usage, 3 a cell failed\n"
    "or there was another error.";

void add_matrix_options(CLI::App& app, RunOptions& options) {
  app.option_defaults()->group("What to compare");
  const auto axis = [&](const std::string& flag, std::vector<std::string>& values,
                        const std::string& text) {
    app.add_option(flag, values, text)->delimiter(',')->allow_extra_args(false)->type_name("A,...");
  };
  axis("--strategies", options.strategies,
       "How writers write; npyrace list strategies explains: " + names_of(strategy_table()));
  axis("--mix", options.mix,
       "Add a cell in which writers use these strategies in turn, all on one file: "
       "mmap,pwrite makes the cell mmap+pwrite");
  axis("--layouts", options.layouts,
       "packed: records back to back, as in any NPY file. padded-block: the records of each writer "
       "begin at an alignment unit. padded-record: every record takes whole alignment units");
  axis("--ownership", options.ownerships,
       "The records of each writer. block: one contiguous part. cyclic: writers take turns, record "
       "by record. random: by chance");
  axis("--sync", options.syncs,
       "When writers call fsync or msync: none, end, every:N (records), record");
  axis("--launcher", options.launchers, "How writers are started: " + names_of(launcher_table()));
  axis("--cache", options.caches,
       "State of the page cache before every generation: " + names_of(cache_table()));
  app.add_option("--align", options.aligns_bytes,
                 "Alignment unit of padded layouts, in bytes (4k, 1M); default: the page size, and "
                 "for padded-block on Lustre the stripe size")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->transform(size_in_bytes())
      ->type_name("BYTES,...");
  app.add_option("--writers", options.writers,
                 fmt::format("Number of writers (quick: {})", quick_axes(1).writers.front()))
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(whole_number(1))
      ->type_name("N,...");
}

constexpr std::uint64_t kMostReaders = 1000;

void add_exec_options(CLI::App& app, ExecOptions& options) {
  app.option_defaults()->group("Your own program as the writer");
  app.add_option(
         "--exec", options.programs,
         "Your own program as the writer: a shell command, started once per writer. Environment: "
         "NPYRACE_FILE, NPYRACE_EXPECT (a file with the content to write), NPYRACE_SLICE_START, _STOP, "
         "_STEP (its records), NPYRACE_LENGTH (of the array), NPYRACE_WRITER, NPYRACE_WRITERS, and "
         "NPYRACE_GO, a FIFO that a program may read to start together with the others. Several "
         "programs need names, --exec old='./a' --exec new='./b'; their cells are interleaved")
      ->type_name("[NAME=]COMMAND")
      ->allow_extra_args(false);
  app.add_option(
         "--exec-create", options.create,
         "Your own program that makes the array before each race: a shell command. Environment: "
         "NPYRACE_FILE, NPYRACE_DESCR and NPYRACE_SHAPE, as NumPy writes them")
      ->type_name("COMMAND");
  app.add_option(
         "--expect", options.expect,
         "The expected content: " + expect_names() +
             ". serial is for an unmodified program that writes the same content each time: its "
             "writers first run one after the other (twice), and then they race. Its command "
             "contains {file}, {writer} and {writers}, or uses the variables")
      ->type_name("NAME");
  app.add_option(
         "--scheduler", options.scheduler,
         "Start programs with the environment variables and the directory of a task in an array "
         "job of this batch system: " +
             names_of(scheduler_table()))
      ->type_name("NAME");
  app.add_option("--time-limit", options.time_limit_seconds,
                 "Kill programs that run longer; their cell fails")
      ->check(whole_number())
      ->type_name("SECONDS");
}

void add_slurm_options(CLI::App& app, SlurmOptions& options) {
  app.option_defaults()->group("Launcher slurm");
  app.add_option("--sbatch", options.sbatch,
                 "An option of sbatch, as in --sbatch=--partition=short; can be "
                 "repeated")
      ->type_name("OPTION")
      ->allow_extra_args(false);
  app.add_option("--together", options.together_seconds,
                 "Maximum time that tasks wait for each other before they write (5); 0: no wait")
      ->check(whole_number())
      ->type_name("SECONDS");
  app.add_flag("--print-script", options.print_script,
               "Print the job scripts instead of submitting them");
}

void add_ssh_options(CLI::App& app, RunOptions& options) {
  app.option_defaults()->group("Launcher ssh");
  app.add_option(
         "--hosts", options.ssh.hosts,
         "Hosts to start writers on, each with the directory where the file system is mounted "
         "there, if it differs from --dir. Writer w runs on host w modulo their number; "
         "the default of --writers is two per host")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("HOST[:DIR],...");
  app.add_option(
         "--rsh", options.ssh.rsh,
         fmt::format("The remote shell: host and command are appended ({})", kUsualRemoteShell))
      ->type_name("COMMAND");
  app.add_option(
         "--npyrace", options.npyrace,
         "Path of npyrace on the hosts, and on the nodes of launcher slurm, if it differs from the "
         "path here")
      ->type_name("PATH");
}

CLI::Validator duration_of_run() {
  return time_span({{"s", 1}, {"m", 60}, {"h", 3600}}, "90s, 10m or 2h");
}

void add_run_options(CLI::App& app, RunOptions& options) {
  app.add_option("SCENARIO", options.scenarios,
                 "Prepared experiments: " + names_of(scenario_table()) +
                     "; npyrace list scenarios explains them (default: quick)")
      ->delimiter(',');
  app.option_defaults()->group("Where to race");
  add_paths_option(
      app, "--dir", options.dirs,
      "Directory for the race. Several must be mounts of one file system and stand for several "
      "nodes; writer w uses mount w modulo their number. Default: the current directory")
      ->allow_extra_args(false)
      ->check(utf8_text())
      ->type_name("DIR,...");
  app.add_option("--lab", options.lab,
                 "Race in a lab instead, a cluster file system of two nodes on this machine: " +
                     names_of(lab_models()))
      ->type_name("MODEL");
  app.add_option("--judge", options.judge,
                 "A directory of the same file system through which files are read back for the "
                 "verdict, preferably one that no writer uses. Default: the first of --dir")
      ->check(utf8_text())
      ->type_name("DIR");
  app.option_defaults()->group("Results");
  add_output_options(app, options.outputs);
  app.add_option("--label", options.labels, "Metadata for the result: KEY=VALUE; can be repeated")
      ->type_name("K=V")
      ->allow_extra_args(false);
  app.add_flag("--keep", options.keep, "Keep the files, for npyrace verify");
  CLI::Option* quiet = app.add_flag_callback(
      "--quiet", [&options] { options.verbosity = Verbosity::quiet; },
      "Print no progress line and no table, only errors; --json and --html are still written");
  app.add_flag_callback(
         "--verbose", [&options] { options.verbosity = Verbosity::verbose; },
         "Print a line with the time of every repetition on standard error, also in a pipe")
      ->excludes(quiet);
  add_matrix_options(app, options);
  add_array_options(app, options.array);
  app.option_defaults()->group("How much and how long");
  app.add_option(
         "--generations", options.generations,
         fmt::format("Rounds of writing per repetition, at most {}; every writer rewrites its "
                     "records in each",
                     kLastGeneration))
      ->check(whole_number(1, kLastGeneration))
      ->type_name("G");
  app.add_option("--repetitions", options.repetitions,
                 "Repetitions of each cell, each with a new file")
      ->check(whole_number(1))
      ->type_name("R");
  app.add_option("--at-most", options.at_most_seconds,
                 "End the run after this time (90s, 10m, 2h), report the results until then, and "
                 "name the cells that were left out")
      ->transform(duration_of_run())
      ->type_name("TIME");
  app.add_flag("--dry-run", options.dry_run,
               "Print cells, files, bytes and an upper bound of the time instead of racing");
  app.add_option("--for", options.for_seconds, "Duration of scenario soak: 90s, 10m, 2h (1m)")
      ->transform(duration_of_run())
      ->type_name("TIME");
  add_exec_options(app, options.exec);
  add_slurm_options(app, options.slurm);
  add_ssh_options(app, options);
  app.option_defaults()->group("Rarely needed");
  app.add_option("--scenario", options.scenario_files,
                 "A scenario of your own, in the form that list scenarios --json prints")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option(
         "--readers", options.readers,
         "Number of processes that read the file while writers write. They are spread over the "
         "mounts, and over read calls and mappings, and report records that they saw torn or "
         "going back to older content. These observations are not part of the verdict. "
         "Reading fills page caches, which on some file systems (NFS) changes which records "
         "are lost")
      ->check(whole_number(1, kMostReaders))
      ->type_name("R");
  app.add_option_function<std::uint64_t>(
         "--patience",
         [&options](std::uint64_t seconds) { options.patience = std::chrono::seconds(seconds); },
         "Fail a race in which no writer makes progress for this long (120)")
      ->check(whole_number())
      ->type_name("SECONDS");
  app.add_option(
         "--local", options.local,
         "A directory on the writers' node, in which strategy local-then-copy stores first. "
         "Default: the directory of temporary files")
      ->check(utf8_text())
      ->type_name("DIR");
  app.add_option("--seed", options.seed,
                 "Seed of record contents and of random ownership; default: random")
      ->check(whole_number())
      ->type_name("S");
}

void tidy_up(const RunPlan& plan) {
  for (const std::string& file : remove_leftovers(plan.dirs().front()))
    print_note("npyrace: removed {}, left by a run that was killed\n", printable(file));
}

/// A lab replaces --dir, and its store is the judge's directory.
std::unique_ptr<Lab> start_lab(RunOptions& options) {
  if (options.lab.empty()) return nullptr;
  if (!options.dirs.empty() || !options.judge.empty())
    throw UsageError("--lab has its own mounts and store; omit --dir and --judge");
  LabPlan plan{.model = &lab_model(options.lab)};
  check(plan);
  auto lab = std::make_unique<Lab>(plan);
  options.dirs = lab->mounts();
  options.judge = lab->store();
  return lab;
}

class LabSite final : public Site {
 public:
  LabSite(Lab& lab, Coordinator* ranks) : Site(open_posix_file, ranks), lab_(lab) {}
  void quiesce(Pending pending) const override {
    pending == Pending::all ? lab_.settle() : lab_.settle_synced();
  }
  void drop_caches() const override { lab_.drop_caches(); }
  std::string broken() const override { return lab_.is_alive() ? "" : "the lab's server died"; }

 private:
  Lab& lab_;
};

/// All directories that must show the same files.
std::vector<std::string> all_dirs(const RunPlan& plan) {
  std::vector<std::string> dirs = plan.dirs();
  if (plan.judge_dir != dirs.front()) dirs.push_back(plan.judge_dir);
  return dirs;
}

/// mpirun gives its ranks a terminal wherever it sends their output.
TerminalStyle style_of_answer(const RunOptions& options) {
  return wants(options, kMpi) ? TerminalStyle{.colour = false} : style_of_standard_output();
}

void answer(const RunOptions& options, const RunResult& result) {
  print_note("{}", failure_lines(result));
  put_out(options.outputs, result, [&] {
    return options.verbosity == Verbosity::quiet
               ? std::string()
               : terminal_report(result, style_of_answer(options));
  });
}

/// Prints the scripts of a race's first generation; the file has no name yet.
void print_scripts(const RunPlan& plan) {
  for (const Cell& cell : plan.cells) {
    if (cell.description.launcher != kSlurm) continue;
    RaceOrder order{.strategies = cell.writer_strategies(), .sync = cell.description.sync};
    for (const std::string& dir : plan.dirs()) order.paths.push_back(dir + "/npyrace-RACE.npy");
    print_output("# {}\n{}\n", cell.description.name,
                 slurm_script(slurm_script_of(order, plan.slurm, cell.description.writers, 1)));
  }
}

/// For directories of this machine only.
void require_directories(const RunOptions& options) {
  const auto require = [](const std::string& dir, const char* option) {
    std::error_code error;
    if (!std::filesystem::is_directory(dir, error))
      throw SystemError({dir, option}, error ? error.value() : ENOTDIR);
  };
  for (const std::string& dir : options.dirs) require(dir, "--dir");
  if (!options.judge.empty()) require(options.judge, "--judge");
}

/// `coordinator`: the ranks of launchers mpi and ssh, else null.
ExitCode run(RunOptions options, Coordinator* coordinator) {
  if (coordinator == nullptr) require_directories(options);
  require_place_for(options.outputs);
  const std::unique_ptr<Lab> lab = start_lab(options);
  const RunPlan plan = make_plan(options, scenario_table(),
                                 [coordinator](const auto& dirs, const std::string& judge_dir) {
                                   return coordinator->look(dirs, judge_dir);
                                 });
  if (options.slurm.print_script) {
    print_scripts(plan);
    return ExitCode::fine;
  }
  if (options.dry_run) {
    print_output("{}", dry_run_text(plan, options));
    return ExitCode::fine;
  }
  if (options.at_most_seconds) interrupt_after(*options.at_most_seconds);
  tidy_up(plan);
  require_one_file_system(all_dirs(plan), open_posix_file);
  const RunResult result = lab ? execute(plan, LabSite(*lab, coordinator))
                               : execute(plan, Site(open_posix_file, coordinator));
  answer(options, result);
  if (lab && !lab->is_alive()) throw std::runtime_error("the lab's server died during the run");
  if (interrupted() && !time_is_over()) throw Interrupted();  // the partial result has been printed
  return exit_code_of(result);
}

/// Rank 0 runs the command; the other ranks serve it.
ExitCode run_with_ranks(const RunOptions& options) {
  std::unique_ptr<Transport> transport = join_transport();
  catch_interrupts();
  if (transport->rank() == 0) {
    Coordinator coordinator(std::move(transport));
    coordinator.set_patience(options.patience);
    return run(options, &coordinator);
  }
  serve(*transport, open_own_file, step_agent(open_own_file));
  transport->leave();
  return ExitCode::fine;
}

/// No launcher kills this process, so there is enough time.
constexpr std::chrono::seconds kTimeToTidyUp{10};

ExitCode run_on_hosts(const RunOptions& options) {
  const SshOrder order = make_ssh_order(options);
  catch_interrupts();
  Coordinator coordinator(connect_transport(order), kTimeToTidyUp);
  coordinator.set_patience(options.patience);
  return run(options, &coordinator);
}

ExitCode run(const RunOptions& options) {
  if (wants(options, kMpi) && wants(options, kSsh))
    throw UsageError("launchers mpi and ssh cannot be in one run");
  if (wants(options, kSsh)) return run_on_hosts(options);
  if (wants(options, kMpi)) return run_with_ranks(options);
  catch_interrupts();
  return run(options, nullptr);
}

}  // namespace

Action declare_run(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  app.description(kRunDescription);
  app.footer(kRunExits);
  add_run_options(app, *options);
  return [options] { return run(*options); };
}

}  // namespace npyrace
