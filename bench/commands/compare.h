#pragma once
// npyrace compare BASE NEW: what became slower, faster, safe, unsafe.

#include "bench/command_table.h"

namespace npyrace {

Action declare_compare(CLI::App& app);

}  // namespace npyrace
