#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "bench/cli/arguments.h"
#include "bench/cli/commands.h"
#include "bench/cli/output.h"
#include "bench/lab/lab.h"
#include "bench/lab/program.h"
#include "bench/watch/watched.h"
#include "bench/watch/watching.h"
#include "core/base/error.h"
#include "core/base/print.h"
#include "core/base/table.h"
#include "core/file/atomic_file.h"
#include "core/os/process.h"
#include "core/os/temporary_folder.h"
#include "reports/html/html_watch.h"
#include "reports/json/json_result.h"
#include "reports/json/watch_fields.h"
#include "reports/text/watch_report.h"

namespace npyrace {
namespace {

constexpr const char* kWatchDescription =
    "Run COMMAND unchanged and log which of its processes write which bytes and pages of which file,\n"
    "by system calls and by stores into mappings. The report at the end names the records and pages\n"
    "that two processes wrote and what that means on this file system, also if nothing was lost this\n"
    "time.\n\n"
    "COMMAND keeps its input, output and exit code; the report goes to standard error. For many\n"
    "jobs, use --into DIR: each job then only logs, and npyrace watched DIR reports on all of them.";

constexpr const char* kWatchExits =
    "Exit code: that of COMMAND; 1 if --fail-on is given and met; 2 usage; 3 COMMAND cannot be\n"
    "started.";

constexpr const char* kWatchedDescription =
    "Report what all jobs of npyrace watch --into DIR wrote: which of them wrote the same bytes,\n"
    "records or pages, and what that means on this file system.";

constexpr const char* kWatchedExits =
    "Exit code: 0 no data are lost here; 1 two processes lose each other's data, or --fail-on is\n"
    "met; 2 usage; 3 no log can be read.";

struct Outputs {
  std::string json, html, junit;
};

struct JudgeOptions {
  std::string semantics;
  std::string fail_on;
  double clock_error_seconds = 1;
  Outputs outputs;
};

struct WatchOptions {
  std::string into;
  std::vector<std::string> match;
  std::string lab;
  bool report = false;
  std::vector<std::string> command;
  JudgeOptions judge;
};

struct WatchedOptions {
  std::string folder;
  JudgeOptions judge;
};

void require_places(const Outputs& outputs) {
  for (const std::string& path : {outputs.json, outputs.html, outputs.junit})
    if (!path.empty() && path != "-") require_place(path);
}

void put_out(const Outputs& outputs, const WatchResult& result) {
  if (!outputs.json.empty()) write_output(watch_json(result), outputs.json);
  if (!outputs.html.empty()) write_output(html_watch(result), outputs.html);
  if (!outputs.junit.empty()) write_output(watch_junit(result), outputs.junit);
}

bool to_standard_output(const Outputs& outputs) {
  return outputs.json == "-" || outputs.html == "-" || outputs.junit == "-";
}

std::optional<watch::Consistency> measured(const std::string& path) {
  if (path.empty()) return std::nullopt;
  const RunResult result = read_result_file(path);
  if (!result.passport)
    throw UsageError(
        fmt::format("--semantics: {} is no result of scenario semantics; npyrace run semantics "
                    "--json FILE makes one",
                    path));
  return watch::consistency_of(*result.passport);
}

/// --fail-on: the mildest kind of hazard that fails. Locks excuse it, and an order that is not
/// chance, because the exit code must be the same in every run. A single page cache does not.
bool is_met(const std::string& fail_on, const WatchResult& result) {
  if (fail_on.empty()) return false;
  const HazardKind mildest = fail_on == "bytes"    ? HazardKind::same_bytes
                             : fail_on == "record" ? HazardKind::same_record
                                                   : HazardKind::same_page;
  for (const WatchedFile& file : result.files)
    for (const Hazard& hazard : file.hazards)
      if (hazard.kind <= mildest && (!hazard.ordered || hazard.by_chance) && !hazard.locked)
        return true;
  return false;
}

WatchResult result_of(const std::string& folder, const JudgeOptions& options) {
  return watch::watched({.folder = folder,
                         .measured = measured(options.semantics),
                         .clock_error_seconds = options.clock_error_seconds});
}

void add_judge_options(CLI::App& app, JudgeOptions& options) {
  app.option_defaults()->group("Results");
  app.add_option("--json", options.outputs.json, "Write the result as JSON; - for standard output")
      ->type_name("FILE");
  app.add_option("--html", options.outputs.html, "Write the result as a page for browsers")
      ->type_name("FILE");
  app.add_option("--junit", options.outputs.junit, "Write a test case per file, for CI servers")
      ->type_name("FILE");
  app.option_defaults()->group("How to judge");
  app.add_option(
         "--fail-on", options.fail_on,
         "Exit with 1 if two processes wrote the same bytes (or record, or page), and neither a "
         "lock nor waiting kept the two writes apart; also if no data are lost here")
      ->check(one_of({"bytes", "record", "page"}))
      ->type_name("bytes|record|page");
  app.add_option(
         "--semantics", options.semantics,
         "A result of npyrace run semantics on this file system, between two mounts or hosts: "
         "then the report says what is lost here")
      ->type_name("RESULT");
  app.add_option("--clock-error", options.clock_error_seconds,
                 "Clocks of two nodes differ by at most this time (50ms, 1s)")
      ->transform(time_span({{"s", 1}, {"ms", 1e-3}}, "1s or 50ms"))
      ->default_str("1s")
      ->type_name("TIME");
}

ExitCode judge_watched(const WatchedOptions& options) {
  require_places(options.judge.outputs);
  const WatchResult result = result_of(options.folder, options.judge);
  if (result.processes == 0 && result.unseen.empty())
    throw FormatError(fmt::format(
        "{}: there is no log of npyrace watch: no process wrote a watched file", options.folder));
  put_out(options.judge.outputs, result);
  if (!to_standard_output(options.judge.outputs)) write_output(watch_report(result), "");
  if (result.processes == 0) {
    print_note("npyrace: {}: no process was seen, so nothing is known; the report says why\n",
               options.folder);
    return ExitCode::trouble;
  }
  return result.has(HazardLevel::loses) || is_met(options.judge.fail_on, result) ? ExitCode::unsafe
                                                                                 : ExitCode::fine;
}

/// Runs the command and reports, in `folder`.
int watch_and_report(const WatchOptions& options, const std::string& folder) {
  const int code = watch::run_watched(
      {.command = options.command,
       .folder = folder,
       .match = options.match.empty() ? std::vector<std::string>{"*.npy"} : options.match});
  const bool reports = options.into.empty() || options.report ||
                       !options.judge.outputs.json.empty() || !options.judge.outputs.html.empty() ||
                       !options.judge.outputs.junit.empty() || !options.judge.fail_on.empty();
  if (!reports) return code;
  const WatchResult result = result_of(folder, options.judge);
  put_out(options.judge.outputs, result);
  print_note("{}", watch_report(result));
  return code == 0 && is_met(options.judge.fail_on, result) ? static_cast<int>(ExitCode::unsafe)
                                                            : code;
}

/// The same command again, in a lab: {n1} and the like mean its directories.
int watch_in_lab(const WatchOptions& options, const std::string& folder) {
  const LabPlan plan{.model = &lab_model(options.lab)};
  Lab lab(plan);
  std::vector<std::string> command{kOwnBinary, "watch"};
  const auto add = [&](const char* option, const std::string& value) {
    if (!value.empty()) command.insert(command.end(), {option, value});
  };
  add("--into", folder);
  for (const std::string& pattern : options.match) add("--match", pattern);
  add("--semantics", options.judge.semantics);
  add("--fail-on", options.judge.fail_on);
  add("--json", options.judge.outputs.json);
  add("--html", options.judge.outputs.html);
  add("--junit", options.judge.outputs.junit);
  if (options.into.empty()) command.emplace_back("--report");
  command.emplace_back("--");
  command.insert(command.end(), options.command.begin(), options.command.end());
  return run_on_lab(lab, with_places(command, lab), "npyrace lab --model " + options.lab);
}

ExitCode run_watch(const WatchOptions& options) {
  require_places(options.judge.outputs);
  std::optional<TemporaryFolder> temporary;
  if (options.into.empty()) temporary.emplace("watch-logs");
  const std::string folder = options.into.empty() ? temporary->file("logs") : options.into;
  const int code =
      options.lab.empty() ? watch_and_report(options, folder) : watch_in_lab(options, folder);
  return static_cast<ExitCode>(code);
}

}  // namespace

Action declare_watch(CLI::App& app) {
  auto options = std::make_shared<WatchOptions>();
  app.description(kWatchDescription);
  app.footer(kWatchExits);
  app.add_option("COMMAND", options->command, "After --: the command and its arguments")
      ->required();
  app.option_defaults()->group("What to watch");
  app.add_option("--match", options->match,
                 "Names of files to watch, as a shell pattern; a pattern with a slash applies to "
                 "the whole path (repeat for more; default: *.npy)")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("GLOB");
  app.add_option("--into", options->into,
                 "Folder for the logs of many jobs, on a file system that all of them see; it is "
                 "created if it does not exist")
      ->type_name("DIR");
  app.add_flag("--report", options->report, "Print the report also with --into");
  app.add_option("--lab", options->lab,
                 "Run COMMAND in a lab of this model, with {n1} and {n2} as the directories of two "
                 "nodes: " +
                     names_of(lab_models()))
      ->type_name("MODEL");
  add_judge_options(app, options->judge);
  return [options] { return run_watch(*options); };
}

Action declare_watched(CLI::App& app) {
  auto options = std::make_shared<WatchedOptions>();
  app.description(kWatchedDescription);
  app.footer(kWatchedExits);
  app.add_option("DIR", options->folder, "The folder of npyrace watch --into")->required();
  add_judge_options(app, options->judge);
  return [options] { return judge_watched(*options); };
}

}  // namespace npyrace
