#pragma once
// npyrace gate BASE NEW: exit code 1 when NEW is worse than BASE beyond noise.

#include "bench/command_table.h"

namespace npyrace {

Action declare_gate(CLI::App& app);

}  // namespace npyrace
