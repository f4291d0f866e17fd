#include <memory>

#include "bench/cli/arguments.h"
#include "bench/cli/commands.h"
#include "bench/cli/output.h"
#include "reports/text/comparison_report.h"

namespace npyrace {
namespace {

constexpr const char* kCompareDescription =
    "Compare two results cell by cell: first the verdicts that changed, then how much longer one\n"
    "record takes, with a confidence interval. Give several runs of each side, because runs differ\n"
    "more than the repetitions of one run; alternating runs (--paired) are best. Google Benchmark's\n"
    "JSON is read as well.";

constexpr const char* kCompareExits =
    "Exit code: 0 compared, also if NEW is worse (see npyrace gate); 2 usage; 3 a result cannot be\n"
    "read.";

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
  app.description(kCompareDescription);
  app.footer(kCompareExits);
  add_side_options(app, options->sides);
  app.option_defaults()->group("Results");
  app.add_option("--json", options->json,
                 "Write the comparison to this file; - for standard output")
      ->type_name("FILE");
  return [options] { return run_compare(*options); };
}

}  // namespace npyrace
