#pragma once
// npyrace lab [--model M] … -- COMMAND ARGS…

#include "bench/command_table.h"

namespace npyrace {

Action declare_lab(CLI::App& app);
/// The hidden command in whose process the lab's file system lives.
Action declare_lab_server(CLI::App& app);

}  // namespace npyrace
