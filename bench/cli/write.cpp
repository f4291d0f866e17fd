#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "bench/cli/arguments.h"
#include "bench/cli/commands.h"
#include "bench/launchers/claim.h"
#include "bench/launchers/job.h"
#include "bench/storage/job_folder.h"
#include "bench/storage/known_array.h"
#include "bench/storage/race_file.h"
#include "bench/strategies/race_order.h"
#include "bench/strategies/strategy.h"
#include "core/base/error.h"
#include "core/base/print.h"
#include "core/base/table.h"
#include "core/file/posix_file.h"
#include "core/os/signals.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

constexpr const char* kWriteDescription =
    "Write the test records of one worker into an array that other jobs write at the same time, and\n"
    "record in FILE.npyrace.d when, where and how they were written, and which writes were\n"
    "acknowledged. npyrace verify reads these files.\n\n"
    "Workers are counted from 0: the jobs of an array with 4 writers are 0/4, 1/4, 2/4 and 3/4. In\n"
    "an array job of a batch system --worker can be omitted. The first task is then worker 0 if the\n"
    "system gives the number of the first task (SLURM, Grid Engine, LSF); otherwise worker N is\n"
    "task N. An array job whose number of tasks differs from the number of writers is refused\n"
    "unless --worker is given.\n\n"
    "If a job has crashed, start it again: it writes all its records again. A job is refused\n"
    "while another job writes the same records. If file locks do not work between the nodes of the\n"
    "two jobs, verify reports that both wrote them.";

constexpr const char* kWriteExits =
    "Exit code: 0 all records of the worker are acknowledged, 2 usage, 3 not all are.";

struct WriteOptions {
  std::string file;
  std::string worker;
  std::string strategy = "pwrite";
  std::string sync = "end";
  std::optional<unsigned> generation;
  double together_seconds = 0;
  ArrayOptions array;
  PlacementOptions placement;
};

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// If options describe the array but not the number of writers, uses N of --worker I/N.
Sidecar known(const WriteOptions& options, const WorkerNumber& worker) {
  PlacementOptions placement = options.placement;
  if (placement.writers == 1 && worker.of) placement.writers = *worker.of;
  return known_array(options.file, options.array, placement);
}

void require_own_strategy(const std::string& name) {
  if (std::string_view(find_strategy(name).name) == "exec")
    throw UsageError(
        "--strategy exec: write moves records itself; a program of yours can copy them "
        "from what npyrace expect makes");
}

void report(const WriteOptions& options, const JobRecord& record) {
  if (options.together_seconds > 0 && record.present < record.writers)
    print_note("npyrace: only {} of {} workers were there after {} s\n", record.present,
               record.writers, options.together_seconds);
  for (const std::string& other : record.met)
    print_note("npyrace: another job wrote the same share at the same time: {}\n",
               printable(other));
  print_output("{}: worker {} of {}: {} records of generation {} acknowledged after {:.3g} s\n",
               printable(options.file), record.writer, record.writers, record.records,
               record.attempt.generation,
               static_cast<double>(record.end_ns - record.start_ns) * 1e-9);
}

ExitCode write(const WriteOptions& options) {
  catch_interrupts();
  require_own_strategy(options.strategy);
  require_used(options.array, options.placement);
  const SyncPolicy sync = parse_sync_policy(options.sync);
  const WorkerNumber worker = worker_number(options.worker, variable);
  const Sidecar array = known(options, worker);
  require_worker(worker, array.array.writers, options.file);
  const JobRequest request{.path = options.file,
                           .known = array,
                           .writer = worker.number,
                           .generation = options.generation.value_or(array.generation),
                           .strategy = options.strategy,
                           .sync = to_string(sync),
                           .together = std::chrono::milliseconds(
                               static_cast<std::int64_t>(options.together_seconds * 1000))};
  const std::string name = std::filesystem::path(options.file).filename();
  report(options, do_job(request, race_file_owner(name) ? open_own_file : open_posix_file));
  return ExitCode::fine;
}

std::string queue_variables() {
  std::string text;
  for (const QueueRow& row : queue_table())
    text += fmt::format("{}{}", text.empty() ? "" : ", ", row.variable);
  return text;
}

/// All strategies but exec, which starts a program of the user.
std::string own_strategies() {
  std::string text;
  for (const StrategyRow& row : strategy_table())
    if (std::string_view(row.name) != "exec")
      text += (text.empty() ? "" : ", ") + std::string(row.name);
  return text;
}

}  // namespace

Action declare_write(CLI::App& app) {
  auto options = std::make_shared<WriteOptions>();
  app.description(kWriteDescription);
  app.footer(kWriteExits);
  app.add_option("FILE", options->file, "The array, made by npyrace create")->required();
  app.option_defaults()->group("What to write");
  app.add_option(
         "--worker", options->worker,
         "Number of this worker, counted from 0, and number of all workers; default: from the "
         "variables of the batch system: " +
             queue_variables())
      ->type_name("I/N");
  app.add_option("--strategy", options->strategy,
                 "How to write; npyrace list strategies explains: " + own_strategies())
      ->capture_default_str()
      ->type_name("S");
  app.add_option("--sync", options->sync, "When to sync: none, end, every:N (records), record")
      ->capture_default_str()
      ->type_name("P");
  add_generation_option(app, options->generation,
                        "Number of this round of writing, counted from 1; default: the one in "
                        "FILE.npyrace.json, which is 1 after create");
  app.add_option("--together", options->together_seconds,
                 "Wait for all workers to arrive, at most for this time (60s, 5m), so that they "
                 "write at the same time")
      ->transform(time_span({{"ms", 0.001}, {"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}},
                            "60s or 5m", 1e6))
      ->type_name("TIME");
  add_array_options(app, options->array, kWithoutSidecar);
  add_placement_options(app, options->placement, kWithoutSidecar);
  return [options] { return write(*options); };
}

}  // namespace npyrace
