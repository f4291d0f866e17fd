#pragma once
// npyrace advise RESULT: what to do, what it costs, and a NumPy program that does it.

#include "bench/command_table.h"

namespace npyrace {

Action declare_advise(CLI::App& app);

}  // namespace npyrace
