#include "bench/scenarios/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "core/table.h"

namespace npyrace {
const ScenarioRow& find_scenario(std::string_view name, std::span<const ScenarioRow> table) {
  std::error_code error;
  const bool known = std::ranges::find(table, name, &ScenarioRow::name) != table.end();
  if (!known && (name.find('/') != name.npos || std::filesystem::is_directory(name, error)))
    throw UsageError(fmt::format(
        "'{}' is no scenario; to race there: --dir {}; a scenario of your own: --scenario "
        "FILE",
        name, name));
  return find_row("scenario", name, table);
}

}  // namespace npyrace
