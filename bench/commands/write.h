#pragma once
// npyrace write: one uncoordinated job's share of an array.

#include "bench/command_table.h"

namespace npyrace {

Action declare_write(CLI::App& app);

}  // namespace npyrace
