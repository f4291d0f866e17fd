#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <optional>

#include "bench/cli/arguments.h"
#include "bench/cli/commands.h"
#include "bench/launchers/claim.h"
#include "bench/launchers/job.h"
#include "bench/storage/job_folder.h"
#include "bench/storage/known_array.h"
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
    "Write one worker's records of an array that other jobs write at the same time, and record in\n"
    "FILE.npyrace.d when, where and how it wrote, and which writes were acknowledged. verify reads\n"
    "these files.\n\n"
    "Workers are counted from 0: the jobs of an array for 4 writers are 0/4, 1/4, 2/4 and 3/4. In "
    "an\n"
    "array job of a batch system --worker can be left out; the first task is then worker 0 if "
    "the\n"
    "system gives the first task's number (SLURM, Grid Engine, LSF); otherwise worker N is task N. "
    "An\n"
    "array job with another number of tasks than writers is refused unless --worker is given.\n\n"
    "A job that crashed is simply started again. A share that another job is writing is refused; "
    "if\n"
    "file locks do not work between the two jobs' nodes, verify reports that both wrote it.\n\n"
    "Exit code: 0 all records of the share are acknowledged, 2 usage, 3 not all are.";

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
  report(options, do_job(request, open_posix_file));
  return ExitCode::fine;
}

std::string queue_variables() {
  std::string text;
  for (const QueueRow& row : queue_table())
    text += fmt::format("{}{}", text.empty() ? "" : ", ", row.variable);
  return text;
}

}  // namespace

Action declare_write(CLI::App& app) {
  auto options = std::make_shared<WriteOptions>();
  app.footer(kWriteDescription);
  app.add_option("FILE", options->file, "The array, made by npyrace create")->required();
  app.add_option("--worker", options->worker,
                 "Number of this worker, counted from 0, and of all workers; default: from " +
                     queue_variables())
      ->type_name("I/N");
  app.add_option("--strategy", options->strategy, names_of(strategy_table()))
      ->capture_default_str()
      ->type_name("S");
  app.add_option("--sync", options->sync, "When to sync: none, end, every:N (records), record")
      ->capture_default_str()
      ->type_name("P");
  add_generation_option(app, options->generation,
                        "Number of the round of writing; default: the next one");
  app.add_option("--together", options->together_seconds,
                 "Wait for all workers to arrive, at most for this time (60s, 5m), so that they "
                 "write at the same time")
      ->transform(time_span({{"ms", 0.001}, {"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}},
                            "60s or 5m", 1e6))
      ->type_name("TIME");
  add_array_options(app, options->array);
  add_placement_options(app, options->placement);
  return [options] { return write(*options); };
}

}  // namespace npyrace
