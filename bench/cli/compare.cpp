#include <memory>

#include "bench/cli/arguments.h"
#include "bench/cli/commands.h"
#include "bench/cli/output.h"
#include "reports/text/comparison_report.h"

namespace npyrace {
namespace {

constexpr const char* kCompareDescription =
    "Set two results side by side, cell by cell: verdicts that changed first, then how much longer one\n"
    "record takes, with an interval. Give several runs of each side, because runs differ more than the\n"
    "repetitions of one run. Best are alternating runs (--paired). Google Benchmark's JSON is read, too.\n\n"
    "Exit code: 0 compared, also if NEW is worse (see gate); 2 usage; 3 a result cannot be read.";

constexpr double kAlpha = 0.05;

struct CompareOptions {
  SideOptions sides;
  std::string json;
};

ExitCode run_compare(const CompareOptions& options) {
  Comparison comparison = compare(read_sides(options.sides), {kAlpha, kAlpha});
  comparison.relative_to = options.sides.relative_to;
  if (!options.json.empty()) write_output(comparison_json(comparison), options.json);
  if (options.json != "-")
    write_output(comparison_report(comparison, style_of_standard_output()), "");
  return ExitCode::fine;
}

}  // namespace

Action declare_compare(CLI::App& app) {
  auto options = std::make_shared<CompareOptions>();
  app.footer(kCompareDescription);
  add_side_options(app, options->sides);
  app.add_option("--json", options->json, "Write the comparison there; - for standard output")
      ->type_name("FILE");
  return [options] { return run_compare(*options); };
}

}  // namespace npyrace
