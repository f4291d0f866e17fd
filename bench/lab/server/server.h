#pragma once
// The server process of a lab.

namespace npyrace::lab {

/// Serves the lab that started this process, until the lab ends. Throws UsageError if it was not
/// started by a lab.
void run_server();

}  // namespace npyrace::lab
