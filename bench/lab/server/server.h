#pragma once
// The server process of a lab.

namespace npyrace::lab {

/// Descriptors of the socket and of the folder's lock in the server process.
inline constexpr int kServerSocket = 3;
inline constexpr int kServerLock = 4;

/// Serves the lab that started this process, until the lab ends. Throws UsageError if it was not
/// started by a lab.
void run_server();

}  // namespace npyrace::lab
