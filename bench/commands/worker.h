#pragma once
// npyrace worker: hidden; what the launchers start. Not for users.

#include "bench/command_table.h"

namespace npyrace {

Action declare_worker(CLI::App& app);

}  // namespace npyrace
