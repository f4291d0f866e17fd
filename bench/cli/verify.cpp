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
    "Read arrays back and name what is wrong with each record. What must be in them is known from\n"
    "FILE.npyrace.json beside them (create and run --keep write it) or from the options below. "
    "What\n"
    "jobs of npyrace write left in FILE.npyrace.d tells which of them are missing, where and when\n"
    "they wrote, and whether at the same time. A file that run --keep left gets the verdict of "
    "its\n"
    "race.\n\n"
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
                     "; past the page cache where possible unless said")
      ->type_name("PATH");
  app.add_option("--also-from", options->also_from,
                 "Look at the same files through another mount as well")
      ->delimiter(',')
      ->type_name("DIR,...");
  add_generation_option(app, options->generation,
                        "Every writer has acknowledged this generation: what is missing is lost");
  app.add_flag("--complete", options->complete, "Records that were never written are a failure");
  add_output_options(app, options->outputs);
  add_array_options(app, options->array);
  add_placement_options(app, options->placement);
  return [options] { return verify(*options); };
}

}  // namespace npyrace
