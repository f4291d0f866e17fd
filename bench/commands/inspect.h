#pragma once
// npyrace inspect FILE… [--json]

#include "bench/command_table.h"

namespace npyrace {

Action declare_inspect(CLI::App& app);

}  // namespace npyrace
