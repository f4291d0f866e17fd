#pragma once
// Shell commands: quoting, and running one to its end with a time limit.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace npyrace {

/// Returns `text` unchanged if no character is special to the shell, else quoted.
std::string shell_word(const std::string& text);

/// As shell_word, for commands that are shown: control characters and bytes that are not UTF-8 are
/// written as $'\n' and the like, which bash, zsh and ksh read, but dash does not.
std::string shown_shell_word(const std::string& text);

/// argv that runs a user's command by the shell. Without /bin/sh (a container that holds one
/// program) a command of plain words is started directly; throws SystemError if it needs a shell.
std::vector<std::string> shell_arguments(const std::string& command);

// Running a shell command.

struct ShellCommand {
  std::string command;
  std::vector<std::string> environment = {};  ///< "NAME=VALUE", added to our environment
  /// File for both outputs; empty: our standard error.
  std::string output_path = {};
  std::optional<std::chrono::seconds> time_limit = {};
  bool tidies_up = false;  ///< cleanup command: continues after an interrupt
};

/// Returns the wait status; nothing on a timeout, after killing the command and its children.
/// Throws Interrupted and SystemError.
std::optional<int> run_to_end(const ShellCommand& command);

/// Path of npyrace on other nodes: as typed, else the path of this binary, which on a cluster is
/// usually valid on all nodes.
std::string npyrace_there(const std::string& typed);

}  // namespace npyrace
