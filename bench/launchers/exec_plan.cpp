#include "bench/launchers/exec_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <span>

#include "core/error.h"
#include "core/table.h"

namespace npyrace {
namespace {

bool is_name(std::string_view text) {
  const auto belongs = [](unsigned char c) {
    return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-' || c == '_' || c == '.';
  };
  return !text.empty() && std::islower(static_cast<unsigned char>(text[0])) != 0 &&
         std::ranges::all_of(text, belongs);
}

ExecProgram parse_program(const std::string& typed) {
  const std::size_t equals = typed.find('=');
  ExecProgram program{.name = "", .command = typed};
  if (equals != std::string::npos && is_name(std::string_view(typed).substr(0, equals)))
    program = {.name = typed.substr(0, equals), .command = typed.substr(equals + 1)};
  if (program.command.find_first_not_of(" \t\n") == std::string::npos)
    throw UsageError(fmt::format("--exec '{}' names no command", typed));
  return program;
}

/// Cells of two programs must not be taken for each other.
void require_names(const std::vector<ExecProgram>& programs) {
  if (programs.size() < 2) return;
  std::set<std::string> names;
  for (const ExecProgram& program : programs) {
    if (program.name.empty())
      throw UsageError(fmt::format(
          "several --exec need names to tell them apart: --exec NAME='{}', with a NAME of "
          "lower-case letters, digits, - and _",
          program.command));
    if (!names.insert(program.name).second)
      throw UsageError(fmt::format("two --exec are called {}", program.name));
  }
}

void require_program(const ExecOptions& options) {
  if (!options.programs.empty()) return;
  const char* lonely = !options.create.empty()      ? "--exec-create"
                       : !options.scheduler.empty() ? "--scheduler"
                       : !options.expect.empty()    ? "--expect"
                       : options.time_limit_seconds ? "--time-limit"
                                                    : nullptr;
  if (lonely != nullptr)
    throw UsageError(fmt::format("{} is for programs of your own: add --exec 'COMMAND'", lonely));
}

}  // namespace

const std::string& ExecPlan::command_of(const std::string& strategy) const {
  for (const ExecProgram& program : programs)
    if (program.strategy() == strategy) return program.command;
  static const std::string none;
  return none;
}

namespace {

/// Where the truth comes from.
struct ExpectRow {
  const char* name;
  const char* summary;
  bool serial;
};

constexpr ExpectRow kExpects[] = {
    {"stamps", "NPYRACE_EXPECT, from which programs copy their slice", false},
    {"serial", "what the program itself leaves when its writers run one after the other", true},
};

}  // namespace

std::string expect_names() {
  return names_of(std::span<const ExpectRow>(kExpects));
}

ExecPlan make_exec_plan(const ExecOptions& options) {
  require_program(options);
  ExecPlan plan{
      .create = options.create,
      .scheduler = &find_scheduler(options.scheduler.empty() ? "none" : options.scheduler),
      .time_limit = std::chrono::seconds(options.time_limit_seconds.value_or(0)),
      .serial = !options.expect.empty() &&
                find_row("--expect", options.expect, std::span<const ExpectRow>(kExpects)).serial};
  for (const std::string& typed : options.programs) plan.programs.push_back(parse_program(typed));
  require_names(plan.programs);
  if (options.time_limit_seconds == 0u) throw UsageError("--time-limit must be 1 or more");
  return plan;
}

}  // namespace npyrace
