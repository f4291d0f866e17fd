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
    "Read arrays back and classify the damage of each record. The expected content is computed from\n"
    "FILE.npyrace.json beside them (create and run --keep write it) or from the options below. The\n"
    "job records of npyrace write in FILE.npyrace.d show which jobs are missing, where and when the\n"
    "others wrote, and whether they wrote at the same time. A file of run --keep gets the verdict of\n"
    "its race.\n\n"
    "Exit code: 0 every record is right, or some were never written (inconclusive); 1 damage, or\n"
    "with --complete a record that was never written; 3 a file cannot be read.";

ExitCode verify(const VerifyOptions& options) {
  catch_interrupts();
  require_place_for(options.outputs);
  const RunResult result = verify_files(options, open_posix_file);
  print_note("{}", failure_lines(result));
  put_out(options.outputs, result, [&] { return verify_report(result); });
  return verify_exit_code(result, options.complete);
}

}  // namespace

Action declare_verify(CLI::App& app) {
  auto options = std::make_shared<VerifyOptions>();
  app.footer(kVerifyDescription);
  app.add_option("FILE", options->files, "Arrays to verify")->required();
  app.add_option("--via", options->via,
                 "How to read: " + names_of(read_path_table()) +
                     "; default: without the page cache, if possible")
      ->type_name("PATH");
  add_paths_option(app, "--also-from", options->also_from,
                   "Read the same files through another mount as well")
      ->type_name("DIR,...");
  add_generation_option(app, options->generation,
                        "Every writer has acknowledged this generation: missing records are lost");
  app.add_flag("--complete", options->complete, "Exit with 1 also if records were never written");
  add_output_options(app, options->outputs);
  add_array_options(app, options->array);
  add_placement_options(app, options->placement);
  return [options] { return verify(*options); };
}

}  // namespace npyrace
