#pragma once
// Runs a command with the collector preloaded.

#include <string>
#include <string_view>
#include <vector>

namespace npyrace {

/// The collector's library, built in.
extern const std::string_view kCollectorLibrary;

}  // namespace npyrace

namespace npyrace::watch {

struct WatchRequest {
  std::vector<std::string> command;
  std::string folder;                          ///< for the logs; created if it does not exist
  std::vector<std::string> match = {"*.npy"};  ///< names of watched files, or whole paths
};

/// Runs the command in this process's group, with our standard streams; SIGINT and SIGQUIT are left
/// to it, other ending signals are passed on. Returns its exit code as a shell does. Throws
/// SystemError, and UsageError if the collector cannot be loaded here.
int run_watched(const WatchRequest& request);

}  // namespace npyrace::watch
