#pragma once
// The table of commands; it drives dispatch, help and suggestions.

#include <CLI/CLI.hpp>
#include <functional>
#include <span>
#include <string_view>

#include "core/os/exit_code.h"

namespace npyrace {

/// Executes a command after the command line was parsed.
using Action = std::function<ExitCode()>;

struct Command {
  const char* name;
  const char* summary;  ///< its line in `npyrace --help`
  /// Adds the command's description and options to `app`, and returns the action to run if the
  /// command is selected.
  Action (*declare)(CLI::App& app);
  const char* group = "";    ///< its heading in `npyrace --help`; empty: not shown there
  const char* example = "";  ///< a command line at the end of its help

  bool hidden() const { return *group == '\0'; }
};

std::span<const Command> command_table();

/// Null if there is no such command.
const Command* find_command(std::string_view name);

}  // namespace npyrace
