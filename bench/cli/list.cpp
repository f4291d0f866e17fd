#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "bench/cli/commands.h"
#include "bench/cli/scenario_table.h"
#include "bench/lab/plan.h"
#include "bench/launchers/launcher.h"
#include "bench/plan/scenario.h"
#include "bench/race/availability.h"
#include "bench/storage/mounts.h"
#include "bench/strategies/strategy.h"
#include "core/array/layout.h"
#include "core/base/error.h"
#include "core/base/print.h"
#include "core/base/table.h"
#include "core/file/posix_file.h"
#include "reports/reporter.h"
#include "reports/text/run_sections.h"
#include "reports/text/wrap.h"
#include "validators/validator.h"

namespace npyrace {
namespace {

struct Line {
  std::string name;
  std::string text;
};
using Lines = std::vector<Line>;

template <typename Row>
Lines plain_lines(std::span<const Row> table) {
  Lines lines;
  for (const Row& row : table) lines.push_back({row.name, row.summary});
  return lines;
}

Lines launchers() {
  Lines lines;
  for (const LauncherRow& row : launcher_table()) {
    const std::string missing = row.missing();
    lines.push_back({row.name, missing.empty()
                                   ? row.summary
                                   : fmt::format("{}; not here: {}", row.summary, missing)});
  }
  return lines;
}

Lines file_systems() {
  Lines lines;
  for (const FileSystemRow& row : file_system_table()) {
    const std::string keyword = fmt::format("{}: ", promised_name(row.promised));
    const std::string_view promise = row.promise;
    lines.push_back({row.name, fmt::format("{}{}; unit: {}; source: {}",
                                           promise.starts_with(keyword) ? "" : keyword, promise,
                                           row.unit, row.source)});
  }
  return lines;
}

/// Things that can be listed: one row each, from the tables that drive dispatch.
struct Listing {
  const char* name;
  Lines (*lines)();          ///< null: printed by a special report
  const char* heading = "";  ///< a line
};

constexpr Listing kListings[] = {
    {"strategies", nullptr},
    {"layouts", [] { return plain_lines(layout_table()); }},
    {"scenarios", [] { return plain_lines(scenario_table()); }},
    {"launchers", launchers},
    {"validators", [] { return plain_lines(validator_table()); }},
    {"file-systems", file_systems,
     "What the documentation promises; docs/atlas.md has what was measured:\n"},
    {"formats", [] { return plain_lines(reporter_table()); }},
    {"lab-models", [] { return plain_lines(lab_models()); }},
};

struct ListOptions {
  std::string what;
  std::string dir;  ///< empty: the current directory, if it is writable
  bool json = false;
};

/// If no directory was given and the current one is not writable, strategies are listed untested.
Availability availability(const StrategyRow& row, const std::string& dir) {
  if (!dir.empty()) return try_strategy(row, dir, open_posix_file);
  try {
    return try_strategy(row, ".", open_posix_file);
  } catch (const SystemError& error) {
    return {false, fmt::format("not tried: {}", error.what())};
  }
}

/// Describes npyrace's own strategies and tests each in the directory.
std::vector<StrategyListing> list_strategies(const std::string& dir) {
  std::vector<StrategyListing> listings;
  for (const StrategyRow& row : strategy_table()) {
    const Availability seen = availability(row, dir);
    listings.push_back({.name = row.name,
                        .summary = row.summary,
                        .used_by = row.used_by,
                        .guarantee = row.guarantee,
                        .weakness = row.weakness,
                        .acknowledged_by = row.acknowledged_by,
                        .numpy = row.numpy,
                        .available = seen.available,
                        .reason = seen.reason});
  }
  return listings;
}

void print_lines(const Lines& lines) {
  std::size_t width = 0;
  for (const Line& line : lines) width = std::max(width, line.name.size());
  for (const Line& line : lines)
    print_output("{:<{}}  {}", line.name, width,
                 wrapped(line.text, {.first = width + 2, .others = width + 2}));
}

/// Prints the scenarios with matrices, for one node, in the format of `run --scenario`.
ExitCode list_json(const std::string& what) {
  if (what != "scenarios") throw UsageError("--json goes with: list strategies, list scenarios");
  std::vector<FileScenario> all;
  for (const ScenarioRow& row : scenario_table())
    if (row.axes != nullptr) all.push_back({row.name, row.summary, row.axes(1)});
  print_output("{}", scenarios_json(all));
  return ExitCode::fine;
}

ExitCode list(const ListOptions& options) {
  const Listing& listing = find_row("list", options.what, std::span<const Listing>(kListings));
  if (listing.lines != nullptr) {
    if (options.json) return list_json(options.what);
    print_output("{}", listing.heading);
    print_lines(listing.lines());
    return ExitCode::fine;
  }
  const auto listings = list_strategies(options.dir);
  const std::string dir = options.dir.empty() ? "the current directory" : options.dir;
  print_output("{}", options.json
                         ? strategies_json(options.dir.empty() ? "." : options.dir, listings)
                         : strategies_report(dir, listings));
  return ExitCode::fine;
}

}  // namespace

Action declare_list(CLI::App& app) {
  auto options = std::make_shared<ListOptions>();
  const std::string names = names_of(std::span<const Listing>(kListings));
  app.description(
      "List what npyrace knows of one kind: strategies, layouts, scenarios, launchers and so on,\n"
      "each with a line that explains it. Each strategy is also tried on a small temporary file in\n"
      "--dir, because support depends on the file system.");
  app.footer("Exit code: 0 listed, 2 usage, 3 --dir cannot be used.");
  app.add_option("WHAT", options->what, "One of: " + names)->required();
  app.add_option("--dir", options->dir,
                 "Directory in which strategies are tried; default: the current directory")
      ->type_name("DIR");
  app.add_flag("--json", options->json, "Print strategies or scenarios as JSON");
  return [options] { return list(*options); };
}

}  // namespace npyrace
