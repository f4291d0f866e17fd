#include "bench/race/run.h"

#include <fmt/format.h>

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

namespace npyrace {
namespace {

constexpr const char* kRunDescription =
    "Race write strategies on one shared NPY file, read every record back, and say which are safe\n"
    "here and how fast. Files have names of their own under --dir and are gone afterwards.\n\n"
    "Options that name several values multiply into a matrix; on top of a scenario they replace "
    "its\n"
    "own values. Repetitions of all cells are interleaved at random, so that drift hits all "
    "alike.\n\n"
    "Exit code: 0 fine (also inconclusive or skipped), 1 a cell is unsafe, 2 usage, 3 a cell "
    "failed\n"
    "or the environment did.";

void add_matrix_options(CLI::App& app, RunOptions& options) {
  const auto axis = [&](const std::string& flag, std::vector<std::string>& values,
                        const std::string& text) {
    app.add_option(flag, values, text)
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("A,...")
        ->group("Matrix");
  };
  axis("--strategies", options.strategies, names_of(strategy_table()));
  axis("--mix", options.mix,
       "One cell more, in which writers use these strategies in turn, all on one file: "
       "mmap,pwrite makes the cell mmap+pwrite");
  axis("--layouts", options.layouts, names_of(layout_table()));
  axis("--ownership", options.ownerships, "Who owns which records: " + names_of(ownership_table()));
  axis("--sync", options.syncs,
       "When writers ask for safety: none, end, every:N (records), record");
  axis("--launcher", options.launchers, "What starts writers: " + names_of(launcher_table()));
  axis("--cache", options.caches,
       "State of the page cache before every generation: " + names_of(cache_table()));
  app.add_option(
         "--align", options.aligns_bytes,
         "Alignment unit of padded layouts, in bytes (4k, 1M): the page size unless said, and "
         "for padded-block on Lustre the stripe size")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->transform(size_in_bytes())
      ->type_name("BYTES,...")
      ->group("Matrix");
  app.add_option("--writers", options.writers, "How many writers")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(whole_number(1))
      ->type_name("N,...")
      ->group("Matrix");
}

constexpr std::uint64_t kMostReaders = 1000;

void add_exec_options(CLI::App& app, ExecOptions& options) {
  app.add_option(
         "--exec", options.programs,
         "Your own program as the writer: a shell command, started once per writer. It finds "
         "NPYRACE_FILE, NPYRACE_EXPECT (the right content), NPYRACE_SLICE_START, _STOP, _STEP "
         "(its records), NPYRACE_LENGTH (of the array), NPYRACE_WRITER, NPYRACE_WRITERS, and "
         "NPYRACE_GO, which a program may read to start together with the others. Several are told "
         "apart by names, --exec old='./a' --exec new='./b', and their cells are interleaved")
      ->type_name("[NAME=]COMMAND")
      ->allow_extra_args(false)
      ->group("Programs");
  app.add_option(
         "--exec-create", options.create,
         "Your own program that makes the array before each race: a shell command. It finds "
         "NPYRACE_FILE, NPYRACE_DESCR, NPYRACE_SHAPE, as NumPy writes them")
      ->type_name("COMMAND")
      ->group("Programs");
  app.add_option(
         "--expect", options.expect,
         "What is right: " + expect_names() +
             ". serial is for an unmodified program that writes the same content each time: its "
             "writers run one after the other first (twice), and then they race. Its command has "
             "{file}, {writer} and {writers} in it, or uses the variables")
      ->type_name("NAME")
      ->group("Programs");
  app.add_option(
         "--scheduler", options.scheduler,
         "Start programs with the variables and in the directory that tasks of an array job "
         "of it see: " +
             names_of(scheduler_table()))
      ->type_name("NAME")
      ->group("Programs");
  app.add_option("--time-limit", options.time_limit_seconds,
                 "A program that runs longer is ended, and its cell has failed")
      ->check(whole_number())
      ->type_name("SECONDS")
      ->group("Programs");
}

void add_slurm_options(CLI::App& app, SlurmOptions& options) {
  app.add_option("--sbatch", options.sbatch,
                 "An option of sbatch for launcher slurm, as in --sbatch=--partition=short; can be "
                 "repeated")
      ->type_name("OPTION")
      ->allow_extra_args(false)
      ->group("Slurm");
  app.add_option("--together", options.together_seconds,
                 "How long tasks wait for each other before they write (5); 0: not at all")
      ->check(whole_number())
      ->type_name("SECONDS")
      ->group("Slurm");
  app.add_flag("--print-script", options.print_script,
               "Show the job scripts instead of submitting them")
      ->group("Slurm");
}

void add_ssh_options(CLI::App& app, RunOptions& options) {
  app.add_option("--hosts", options.ssh.hosts,
                 "Hosts of launcher ssh, each with the directory where the file system is mounted "
                 "there, if not as here. Writer w is on host w modulo their number; two "
                 "writers on each host unless --writers says otherwise")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("HOST[:DIR],...")
      ->group("Hosts");
  app.add_option(
         "--rsh", options.ssh.rsh,
         fmt::format("The remote shell: host and command are appended ({})", kUsualRemoteShell))
      ->type_name("COMMAND")
      ->group("Hosts");
  app.add_option("--npyrace", options.npyrace,
                 "Where hosts of launcher ssh and nodes of launcher slurm find npyrace, if not "
                 "where it lies here")
      ->type_name("PATH")
      ->group("Hosts");
}

CLI::Validator duration_of_run() {
  return time_span({{"s", 1}, {"m", 60}, {"h", 3600}}, "90s, 10m or 2h");
}

void add_run_options(CLI::App& app, RunOptions& options) {
  app.add_option("SCENARIO", options.scenarios,
                 "What to race: " + names_of(scenario_table()) + " (quick unless said)")
      ->delimiter(',');
  app.add_option("--scenario", options.scenario_files,
                 "A scenario of your own, in the form that list scenarios --json prints")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option(
         "--dir", options.dirs,
         "Where to race. Several are mounts of one file system that stand for several nodes; "
         "writer w goes through mount w modulo their number. The current directory unless said")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("DIR,...");
  app.add_option("--lab", options.lab,
                 "Race in a lab instead, a cluster file system of two nodes on this machine: " +
                     names_of(lab_models()))
      ->type_name("MODEL");
  app.add_option("--judge", options.judge,
                 "A directory of the same file system that decides what was kept, best one that no "
                 "writer uses. The first of --dir unless said")
      ->type_name("DIR");
  add_exec_options(app, options.exec);
  add_slurm_options(app, options.slurm);
  add_ssh_options(app, options);
  app.add_option(
         "--local", options.local,
         "A directory of the writers' own node, where strategy local-then-copy stores first. "
         "That of temporary files unless said")
      ->type_name("DIR");
  app.add_option("--generations", options.generations,
                 "Rounds a repetition: every writer rewrites its records in each")
      ->check(whole_number(1, kLastGeneration))
      ->type_name("G");
  app.add_option("--repetitions", options.repetitions, "Fresh files a cell")
      ->check(whole_number(1))
      ->type_name("R");
  app.add_option("--seed", options.seed, "Seed of stamps and random ownership; random unless given")
      ->check(whole_number())
      ->type_name("S");
  app.add_option_function<std::uint64_t>(
         "--patience",
         [&options](std::uint64_t seconds) { options.patience = std::chrono::seconds(seconds); },
         "A race in which no writer makes progress for this long has failed (120)")
      ->check(whole_number())
      ->type_name("SECONDS");
  app.add_option("--for", options.for_seconds, "How long scenario soak goes on: 90s, 10m, 2h (1m)")
      ->transform(duration_of_run())
      ->type_name("TIME");
  app.add_option(
         "--at-most", options.at_most_seconds,
         "End the run after this time (90s, 10m, 2h) with what was measured until then, and "
         "say what was left out")
      ->transform(duration_of_run())
      ->type_name("TIME");
  app.add_flag("--dry-run", options.dry_run,
               "Print cells, files, bytes and an upper time instead of racing");
  app.add_option(
         "--readers", options.readers,
         "Number of processes that read the file while writers write, through each mount in turn, "
         "by read calls and by a mapping in turn, and tell which records they saw torn or "
         "going back to older content: what a reader sees, not what is stored, and no part "
         "of the verdict. Reading fills page caches, which on some file systems (NFS) "
         "changes what is lost")
      ->check(whole_number(1, kMostReaders))
      ->type_name("R");
  app.add_flag("--keep", options.keep, "Leave every file under a name of its own, for verify");
  app.add_option("--label", options.labels, "Metadata for the result: KEY=VALUE; can be repeated")
      ->type_name("K=V")
      ->allow_extra_args(false);
  CLI::Option* quiet = app.add_flag_callback(
      "--quiet", [&options] { options.verbosity = Verbosity::quiet; },
      "No progress line, no table: only errors on standard error, --json, --html, and the exit code");
  app.add_flag_callback(
         "--verbose", [&options] { options.verbosity = Verbosity::verbose; },
         "A line for every repetition on standard error, with its time, also in a pipe")
      ->excludes(quiet);
  add_output_options(app, options.outputs);
}

void tidy_up(const RunPlan& plan) {
  for (const std::string& file : remove_leftovers(plan.dirs().front()))
    print_note("npyrace: removed {}, left by a run that was killed\n", file);
}

/// A lab replaces --dir, and its store is the judge's directory.
std::unique_ptr<Lab> start_lab(RunOptions& options) {
  if (options.lab.empty()) return nullptr;
  if (!options.dirs.empty() || !options.judge.empty())
    throw UsageError("--lab brings its own mounts and store; drop --dir and --judge");
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

/// `coordinator`: the ranks of launchers mpi and ssh, else null.
ExitCode run(RunOptions options, Coordinator* coordinator) {
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
  if (interrupted() && !time_is_over()) throw Interrupted();  // the partial result has been printed
  return exit_code_of(result);
}

/// Rank 0 runs the command; the other ranks serve it.
ExitCode run_with_ranks(const RunOptions& options) {
  std::unique_ptr<Transport> transport = join_transport();
  catch_interrupts();
  if (transport->rank() == 0) {
    Coordinator coordinator(std::move(transport));
    return run(options, &coordinator);
  }
  serve(*transport, open_posix_file, step_player(open_posix_file));
  transport->leave();
  return ExitCode::fine;
}

/// No launcher kills this process, so there is enough time.
constexpr std::chrono::seconds kTimeToTidyUp{10};

ExitCode run_on_hosts(const RunOptions& options) {
  const SshOrder order = make_ssh_order(options);
  catch_interrupts();
  Coordinator coordinator(connect_transport(order), kTimeToTidyUp);
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
  app.footer(kRunDescription);
  add_run_options(app, *options);
  add_matrix_options(app, *options);
  add_array_options(app, options->array);
  return [options] { return run(*options); };
}

}  // namespace npyrace
