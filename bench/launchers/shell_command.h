#pragma once
// A shell command that is waited for, with what it printed.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace npyrace {

struct ShellCommand {
  std::string command;
  std::vector<std::string> environment = {};  ///< "NAME=VALUE", on top of our own
  /// Both outputs go there; empty: to our standard error.
  std::string output_path = {};
  std::optional<std::chrono::seconds> time_limit = {};
  bool tidies_up = false;  ///< is let end although the user has interrupted us
};

/// The status as waitpid gives it; nothing when the limit was over and the command, with all it
/// had started, was ended. Throws Interrupted and SystemError.
std::optional<int> run_to_end(const ShellCommand& command);

}  // namespace npyrace
