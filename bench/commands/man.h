#pragma once
// `npyrace man`: prints the man page, for who installs it.

#include "bench/command_table.h"

namespace npyrace {

Action declare_man(CLI::App& app);

}  // namespace npyrace
