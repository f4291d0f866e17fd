#include "bench/race/verify.h"

#include <fmt/format.h>

#include <memory>

#include "bench/cli/arguments.h"
#include "bench/cli/commands.h"
#include "bench/cli/output.h"
#include "core/base/print.h"
#include "core/base/table.h"
#include "core/file/posix_file.h"
#include "core/os/signals.h"
#include "reports/text/cell_words.h"
#include "reports/text/verify_report.h"
#include "validators/read_path.h"

namespace npyrace {
namespace {

constexpr const char* kVerifyDescription =
    "Read arrays of test records back and classify every record as right or damaged, and by kind of\n"
    "damage. Arrays of your own data have no test records, so verify cannot judge them. The\n"
    "expected content is computed from FILE.npyrace.json, which create and run --keep write, or from\n"
    "the options that describe the array. The job records of npyrace write in FILE.npyrace.d show\n"
    "which jobs are missing, where and when the others wrote, and whether they wrote at the same\n"
    "time. A file of run --keep gets the verdict of its race.";

constexpr const char* kVerifyExits =
    "Exit code: 0 every record is right, or some were never written (inconclusive); 1 damage, or\n"
    "with --complete a record that was never written; 2 usage; 3 a file cannot be read.";

ExitCode verify(const VerifyOptions& options) {
  catch_interrupts();
  require_used(options.array, options.placement);
  require_place_for(options.outputs);
  const RunResult result = verify_files(options, open_posix_file);
  print_note("{}", failure_lines(result));
  put_out(options.outputs, result, [&] { return verify_report(result); });
  return verify_exit_code(result, options.complete);
}

}  // namespace

Action declare_verify(CLI::App& app) {
  auto options = std::make_shared<VerifyOptions>();
  app.description(kVerifyDescription);
  app.footer(kVerifyExits);
  app.add_option("FILE", options->files, "Arrays to verify")->required();
  app.option_defaults()->group("What to check");
  app.add_flag("--complete", options->complete, "Exit with 1 also if records were never written");
  add_paths_option(app, "--also-from", options->also_from,
                   "Read the same files through these mounts as well, which may show other content")
      ->type_name("DIR,...");
  app.add_option("--via", options->via,
                 "Read each file once, in this way: " + names_of(read_path_table()) +
                     "; default: read without the page cache, if possible, and compare with the "
                     "other ways")
      ->type_name("PATH");
  add_generation_option(
      app, options->generation,
      "Assume that every writer has acknowledged this round of writing: records of earlier "
      "rounds then count as lost");
  app.option_defaults()->group("Results");
  add_output_options(app, options->outputs);
  add_array_options(app, options->array, kWithoutSidecar);
  add_placement_options(app, options->placement, kWithoutSidecar);
  return [options] { return verify(*options); };
}

}  // namespace npyrace
