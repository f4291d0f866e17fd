#pragma once
// npyrace expect: the content that writers must produce, for any program to copy its slice from.

#include "bench/command_table.h"

namespace npyrace {

Action declare_expect(CLI::App& app);

}  // namespace npyrace
