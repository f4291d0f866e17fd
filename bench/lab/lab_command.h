#pragma once
// npyrace lab [--model M] … -- COMMAND ARGS…

#include "bench/command_table.h"

namespace npyrace {

Action declare_lab(CLI::App& app);

}  // namespace npyrace
