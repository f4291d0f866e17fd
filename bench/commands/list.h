#pragma once
// npyrace list WHAT: the tables that drive npyrace

#include "bench/command_table.h"

namespace npyrace {

Action declare_list(CLI::App& app);

}  // namespace npyrace
