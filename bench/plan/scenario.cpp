#include "bench/plan/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <variant>

#include "bench/plan/launcher_plan.h"
#include "core/base/error.h"
#include "core/base/table.h"

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
    throw UsageError("--for is how long scenario soak goes on: name it, or drop --for");
}

namespace {

using Json = nlohmann::ordered_json;
using Names = std::vector<std::string> Axes::*;
using Numbers = std::vector<std::uint64_t> Axes::*;
using Number = std::uint64_t Axes::*;
using Seconds = double Axes::*;

/// The table of keys for both reading and writing.
struct KeyRow {
  const char* name;
  std::variant<Names, Numbers, Number, Seconds> member;
};

constexpr KeyRow kKeys[] = {
    {"strategies", &Axes::strategies},
    {"layouts", &Axes::layouts},
    {"align_bytes", &Axes::aligns_bytes},
    {"ownership", &Axes::ownerships},
    {"sync", &Axes::syncs},
    {"launchers", &Axes::launchers},
    {"cache", &Axes::caches},
    {"writers", &Axes::writers},
    {"records", &Axes::records},
    {"generations", &Axes::generations},
    {"repetitions", &Axes::repetitions},
    {"budget_seconds", &Axes::budget_seconds},
    {"further_seconds", &Axes::further_seconds},
    {"most_file_bytes", &Axes::most_file_bytes},
};

constexpr const char* kName = "name";
constexpr const char* kSummary = "summary";

bool is_json_name(const Json& value) {
  return value.is_string() && !value.get<std::string>().empty();
}

bool is_json_count(const Json& value) {
  return value.is_number_unsigned();
}

template <typename Is>
bool is_list(const Json& value, Is is) {
  return value.is_array() && !value.empty() && std::ranges::all_of(value, is);
}

/// Assigns a value to its axis; returns an error message, empty: none.
struct Take {
  const Json& value;
  Axes& axes;

  std::string operator()(Names member) const {
    if (!is_list(value, is_json_name)) return "must be a list of names";
    axes.*member = value.get<std::vector<std::string>>();
    return "";
  }
  std::string operator()(Numbers member) const {
    // An empty list of alignments means the page size.
    const bool none = member == &Axes::aligns_bytes && value.is_array() && value.empty();
    if (!none && !is_list(value, is_json_count)) return "must be a list of whole numbers";
    axes.*member = value.get<std::vector<std::uint64_t>>();
    return "";
  }
  std::string operator()(Number member) const {
    if (!is_json_count(value)) return "must be a whole number";
    axes.*member = value.get<std::uint64_t>();
    return "";
  }
  std::string operator()(Seconds member) const {
    if (!value.is_number() || value.get<double>() < 0) return "must be a number of seconds";
    axes.*member = value.get<double>();
    return "";
  }
};

std::vector<std::string> known_keys() {
  std::vector<std::string> names{kName, kSummary};
  for (const KeyRow& row : kKeys) names.emplace_back(row.name);
  return names;
}

/// Returns an error message for the key; empty: none.
std::string take(const std::string& key, const Json& value, FileScenario& scenario) {
  if (key == kName || key == kSummary) {
    if (!is_json_name(value)) return fmt::format("'{}' must be a text", key);
    if (key == kName) scenario.name = value.get<std::string>();
    return "";
  }
  for (const KeyRow& row : kKeys) {
    if (row.name != key) continue;
    const std::string wrong = std::visit(Take{value, scenario.axes}, row.member);
    return wrong.empty() ? "" : fmt::format("'{}' {}", key, wrong);
  }
  return unknown_name_message("key", key, known_keys());
}

}  // namespace

Json to_json(const std::string& name, const std::string& summary, const Axes& axes) {
  Json json{{kName, name}, {kSummary, summary}};
  for (const KeyRow& row : kKeys)
    std::visit([&](auto member) { json[row.name] = axes.*member; }, row.member);
  return json;
}

FileScenario read_scenario(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw SystemError({path, "open"}, errno);
  const Json json = Json::parse(file, nullptr, false);
  if (json.is_discarded() || !json.is_object())
    throw FormatError(path +
                      ": is no JSON object that describes a scenario; list scenarios --json "
                      "prints some");
  FileScenario scenario;
  for (const auto& [key, value] : json.items())
    if (const std::string wrong = take(key, value, scenario); !wrong.empty())
      throw FormatError(fmt::format("{}: {}", path, wrong));
  if (scenario.name.empty())
    throw FormatError(path + ": 'name' is missing: what its cells are called in results");
  return scenario;
}

}  // namespace npyrace
