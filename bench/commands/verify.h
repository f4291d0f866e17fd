#pragma once
// npyrace verify FILE…: re-reads and classifies every record

#include "bench/command_table.h"

namespace npyrace {

Action declare_verify(CLI::App& app);

}  // namespace npyrace
