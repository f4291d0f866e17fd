#pragma once
// npyrace create FILE --records N: makes the array that all writers will open

#include "bench/command_table.h"

namespace npyrace {

Action declare_create(CLI::App& app);

}  // namespace npyrace
