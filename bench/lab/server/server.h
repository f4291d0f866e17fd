#pragma once
// The hidden command `lab-server`: the process in which the lab's file system lives.

#include "bench/command_table.h"

namespace npyrace {

Action declare_lab_server(CLI::App& app);

}  // namespace npyrace
