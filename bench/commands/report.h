#pragma once
// `npyrace report`: any result in another form.

#include "bench/command_table.h"

namespace npyrace {

Action declare_report(CLI::App& app);

}  // namespace npyrace
