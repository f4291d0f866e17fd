#include "bench/commands/list.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "bench/file_systems.h"
#include "bench/lab/model.h"
#include "bench/launchers/launcher.h"
#include "bench/scenarios/scenario.h"
#include "bench/strategies/strategy.h"
#include "core/layouts/layout.h"
#include "core/table.h"
#include "reports/reporter.h"
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

Lines strategies() {
  Lines lines;
  for (const StrategyRow& row : strategy_table())
    lines.push_back(
        {row.name, fmt::format("{}; acknowledged by {}", row.summary, row.acknowledged_by)});
  return lines;
}

Lines file_systems() {
  Lines lines;
  for (const FileSystemRow& row : file_system_table())
    lines.push_back(
        {row.name, fmt::format("{}: {}; unit: {} ({})", promised_name(row.promised),
                                              row.promise, row.unit, row.source)});
  return lines;
}

/// What can be listed: one row each, from the tables that drive dispatch.
struct Listing {
  const char* name;
  Lines (*lines)();
};

constexpr Listing kListings[] = {
    {"strategies", strategies},
    {"layouts", [] { return plain_lines(layout_table()); }},
    {"scenarios", [] { return plain_lines(scenario_table()); }},
    {"launchers", [] { return plain_lines(launcher_table()); }},
    {"validators", [] { return plain_lines(validator_table()); }},
    {"file-systems", file_systems},
    {"formats", [] { return plain_lines(reporter_table()); }},
    {"lab-models", [] { return plain_lines(lab_models()); }},
};

ExitCode list(const std::string& what) {
  const Lines lines = find_row("list", what, std::span<const Listing>(kListings)).lines();
  std::size_t width = 0;
  for (const Line& line : lines) width = std::max(width, line.name.size());
  for (const Line& line : lines) fmt::print("{:<{}}  {}\n", line.name, width, line.text);
  return ExitCode::fine;
}

}  // namespace

Action declare_list(CLI::App& app) {
  auto what = std::make_shared<std::string>();
  const std::string names = names_of(std::span<const Listing>(kListings));
  app.footer("List what there is, from the tables that drive npyrace: " + names + ".");
  app.add_option("WHAT", *what, names)->required();
  return [what] { return list(*what); };
}

}  // namespace npyrace
