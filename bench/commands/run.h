#pragma once
// npyrace run [SCENARIO…] --dir DIR[,DIR2…]: the main job

#include "bench/command_table.h"

namespace npyrace {

Action declare_run(CLI::App& app);

}  // namespace npyrace
