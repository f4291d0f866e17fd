#pragma once
// npyrace player: hidden; what scenario semantics starts. Not for users.

#include "bench/command_table.h"

namespace npyrace {

Action declare_player(CLI::App& app);

}  // namespace npyrace
