#include "bench/plan/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

#include "bench/plan/launcher_plan.h"
#include "core/base/error.h"
#include "core/base/table.h"
#include "reports/json/json_fields.h"

namespace npyrace {
const ScenarioRow& find_scenario(std::string_view name, std::span<const ScenarioRow> table) {
  std::error_code error;
  const bool known = std::ranges::find(table, name, &ScenarioRow::name) != table.end();
  if (!known && (name.find('/') != name.npos || std::filesystem::is_directory(name, error)))
    throw UsageError(fmt::format(
        "'{}' is no scenario; to race there: --dir {}; a scenario of your own: --scenario "
        "FILE",
        name, name));
  if (!known && std::filesystem::exists(name, error))
    throw UsageError(fmt::format(
        "'{}' is a file, no scenario; run makes its own files in --dir; a file is checked by "
        "npyrace verify {}",
        name, name));
  return find_row("scenario", name, table);
}

namespace {

void refuse_matrix(const ScenarioRow& scenario, const RunOptions& options) {
  const bool on_ranks = scenario.on_ranks && std::ranges::all_of(options.launchers, has_ranks);
  const auto refuse = [&](bool typed, const char* option) {
    if (typed)
      throw UsageError(
          fmt::format("scenario {} has no cells, so drop {}, or name a scenario "
                      "that has some, too",
                      scenario.name, option));
  };
  refuse(!options.exec.programs.empty(), "--exec");
  refuse(!options.strategies.empty(), "--strategies");
  refuse(!options.mix.empty(), "--mix");
  refuse(!options.layouts.empty(), "--layouts");
  refuse(!options.aligns_bytes.empty(), "--align");
  refuse(!options.ownerships.empty(), "--ownership");
  refuse(!options.syncs.empty(), "--sync");
  refuse(!options.launchers.empty() && !on_ranks, "--launcher");
  refuse(!options.caches.empty(), "--cache");
  refuse(!options.writers.empty(), "--writers");
  refuse(options.generations.has_value(), "--generations");
  refuse(options.array.records.has_value() || !options.array.shape.empty(), "--records, --shape");
  refuse(options.array.descr.has_value(), "--descr");
  refuse(options.array.record_bytes.has_value(), "--record-bytes");
  refuse(options.readers.has_value(), "--readers");
  refuse(options.keep, "--keep");
}

}  // namespace

void check_experiments(const std::vector<const ScenarioRow*>& scenarios, const RunOptions& options,
                       const RunPlan& plan) {
  bool soaks = false;
  for (const ScenarioRow* scenario : scenarios) {
    if (scenario->check != nullptr) scenario->check(options, plan);
    if (scenario->axes == nullptr && options.repetitions == 0u)
      throw UsageError("--repetitions must be 1 or more");
    if (scenario->axes == nullptr && !scenario->draws_cells && plan.cells.empty())
      refuse_matrix(*scenario, options);
    soaks |= scenario->draws_cells;
  }
  if (options.for_seconds && !soaks)
    throw UsageError("--for is the duration of scenario soak: name the scenario, or omit --for");
}

/// A list with at least one value.
template <typename Value>
static void describe_list(JsonFields& json, const char* key, std::vector<Value>& values) {
  json(key, values);
  if (json.reads() && values.empty()) json.wrong("at least one value is expected", key);
}

static void describe(JsonFields& json, Axes& axes) {
  describe_list(json, "strategies", axes.strategies);
  describe_list(json, "layouts", axes.layouts);
  json("align_bytes", axes.aligns_bytes);
  describe_list(json, "ownership", axes.ownerships);
  describe_list(json, "sync", axes.syncs);
  describe_list(json, "launchers", axes.launchers);
  describe_list(json, "cache", axes.caches);
  describe_list(json, "writers", axes.writers);
  json("records", axes.records);
  json("generations", axes.generations);
  json("repetitions", axes.repetitions);
  json("budget_seconds", axes.budget_seconds);
  json("further_seconds", axes.further_seconds);
  json("most_file_bytes", axes.most_file_bytes);
}

static void describe(JsonFields& json, FileScenario& scenario) {
  json.required("name", scenario.name);
  if (json.reads() && scenario.name.empty()) json.wrong("a name is expected", "name");
  json("summary", scenario.summary);
  describe(json, scenario.axes);
  json.refuse_other_keys();
}

std::string scenarios_json(const std::vector<FileScenario>& scenarios) {
  return json_file(scenarios, NotUtf8::replaced);
}

FileScenario read_scenario(const std::string& path) {
  std::ifstream file(path);  // may be a pipe
  if (!file) throw SystemError({path, "open"}, errno);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  try {
    return from_json<FileScenario>(text, Missing::keeps_default);
  } catch (const FormatError& error) {
    throw FormatError(
        fmt::format("{}: {}; npyrace list scenarios --json prints examples", path, error.what()));
  }
}

}  // namespace npyrace
