#pragma once
// npyrace rank-service: hidden; what launcher ssh starts on hosts. Not for users.

#include "bench/command_table.h"

namespace npyrace {

Action declare_rank_service(CLI::App& app);

}  // namespace npyrace
