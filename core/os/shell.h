#pragma once
// Text as one word of a shell command.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace npyrace {

/// As it stands where no character means anything to a shell, else between quotes.
std::string shell_word(const std::string& text);

// A shell command that is waited for, with what it printed.

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

/// The program on other nodes: as typed, and unless it was, by the path of this one, which on a
/// cluster is usually where nodes find it, too.
std::string npyrace_there(const std::string& typed);

}  // namespace npyrace
