#pragma once
// From what was typed for launcher ssh to the hosts to connect to.

#include "bench/options.h"
#include "bench/ssh/ssh_order.h"

namespace npyrace {

/// Throws UsageError.
SshOrder make_ssh_order(const RunOptions& options);

/// Throws UsageError where options of launcher ssh are given that nothing will use.
void refuse_unused_ssh(const SshOptions& options);

}  // namespace npyrace
