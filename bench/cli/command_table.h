#pragma once
// The commands of the program: one row each drives dispatch, help and suggestions.

#include <CLI/CLI.hpp>
#include <functional>
#include <span>

#include "core/os/exit_code.h"

namespace npyrace {

/// What to do once the command line has been read.
using Action = std::function<ExitCode()>;

struct Command {
  const char* name;
  const char* summary;
  /// Adds the command's options to `app` and returns what runs when it was chosen.
  Action (*declare)(CLI::App& app);
  bool hidden = false;
};

std::span<const Command> command_table();

}  // namespace npyrace
