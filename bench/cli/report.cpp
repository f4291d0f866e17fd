#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "bench/cli/commands.h"
#include "bench/cli/output.h"
#include "core/base/error.h"
#include "core/base/table.h"
#include "reports/json/json_result.h"
#include "reports/reporter.h"

namespace npyrace {
namespace {

constexpr const char* kReportDescription =
    "Show a result that run, verify or watch wrote with --json in another format. Results of older\n"
    "versions are read as well.";

constexpr const char* kReportExits =
    "Exit code: 0 written, whatever the verdicts are; 2 usage; 3 the result cannot be read.";

struct ReportOptions {
  std::string result;
  std::string format;
  std::vector<std::string> flags;  ///< formats named by --json, --html, ...
  std::string output;
};

std::string watch_form(const ReporterRow& reporter, const WatchResult& result) {
  if (reporter.watch == nullptr)
    throw UsageError(fmt::format(
        "a result of watch has no form {}: use terminal, json, html or junit", reporter.name));
  return reporter.watch(result);
}

/// The format that was named once, by its own option or by --format.
std::string format_of(const ReportOptions& options) {
  std::string format = options.format;
  for (const std::string& flag : options.flags) {
    if (!format.empty() && flag != format)
      throw UsageError(
          fmt::format("a result is shown in one format at a time: {} or {}", format, flag));
    format = flag;
  }
  return format.empty() ? "terminal" : format;
}

ExitCode report(const ReportOptions& options) {
  const ReporterRow& reporter = find_reporter(format_of(options));
  const bool printed = options.output.empty() || options.output == "-";
  const TerminalStyle style = printed ? style_of_standard_output() : TerminalStyle{};
  if (const auto watched = read_watch_result_file(options.result)) {
    write_output(watch_form(reporter, *watched), options.output);
    return ExitCode::fine;
  }
  write_output(reporter.report(read_result_file(options.result), style), options.output);
  return ExitCode::fine;
}

}  // namespace

Action declare_report(CLI::App& app) {
  auto options = std::make_shared<ReportOptions>();
  app.description(kReportDescription);
  app.footer(kReportExits);
  app.add_option("RESULT", options->result, "The file that --json wrote")->required();
  app.option_defaults()->group("Formats");
  for (const ReporterRow& row : reporter_table())
    app.add_flag_callback(
        std::string("--") + row.name, [options, &row] { options->flags.emplace_back(row.name); },
        row.summary);
  app.add_option("--format", options->format, "The same by name: " + names_of(reporter_table()))
      ->default_str("terminal")
      ->type_name("FORMAT");
  app.option_defaults()->group("Output");
  app.add_option("--output", options->output,
                 "Write to this file, whole or not at all; default or -: standard output")
      ->type_name("FILE");
  return [options] { return report(*options); };
}

}  // namespace npyrace
