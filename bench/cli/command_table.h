#pragma once
// The table of commands; it drives dispatch, help and suggestions.

#include <CLI/CLI.hpp>
#include <functional>
#include <span>

#include "core/os/exit_code.h"

namespace npyrace {

/// Executes a command after the command line was parsed.
using Action = std::function<ExitCode()>;

struct Command {
  const char* name;
  const char* summary;
  /// Adds the command's options to `app` and returns the action to run if it is selected.
  Action (*declare)(CLI::App& app);
  bool hidden = false;
};

std::span<const Command> command_table();

}  // namespace npyrace
