#pragma once
// npyrace reader: hidden; what run --readers starts. Not for users.

#include "bench/command_table.h"

namespace npyrace {

Action declare_reader(CLI::App& app);

}  // namespace npyrace
