#pragma once
// The process in which the lab's file system lives.

namespace npyrace::lab {

/// Serves the lab that has started this process, until that ends. Throws UsageError where none has.
void run_server();

}  // namespace npyrace::lab
