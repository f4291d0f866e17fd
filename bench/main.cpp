// The front: reads the command line, runs one command, turns every error into one line and an
// exit code.

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "bench/command_table.h"
#include "bench/help_formatter.h"
#include "bench/mpi/silent_rank.h"
#include "core/error.h"
#include "core/suggest.h"
#include "reports/printable.h"

namespace {

using namespace npyrace;

int exit_with(ExitCode code) {
  return static_cast<int>(code);
}

int complain(ExitCode code, const std::string& sentence) {
  // Nobody may be there to hear it (a closed pipe): that is no reason to die of.
  std::fputs(fmt::format("npyrace: {}\n", printable(sentence)).c_str(), stderr);
  return exit_with(code);
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const Command& command : command_table())
    if (!command.hidden) names.push_back(command.name);
  return names;
}

/// CLI11's own words, but a misspelled command gets the one that was probably meant.
int complain_of_usage(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() == 0) return exit_with(static_cast<ExitCode>(app.exit(error)));
  if (is_silent_rank({argv, static_cast<std::size_t>(argc)})) return exit_with(ExitCode::usage);
  const bool chosen = !app.get_subcommands().empty();
  if (!chosen && argc > 1 && argv[1][0] != '-')
    return complain(ExitCode::usage, unknown_name_message("command", argv[1], command_names()));
  const std::string scope = chosen ? " " + app.get_subcommands().front()->get_name() : "";
  return complain(ExitCode::usage, fmt::format("{}; see npyrace{} --help", error.what(), scope));
}

/// Standard output may be a full disk or a closed pipe: an answer that did not arrive is an error.
int flushed(ExitCode code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit_with(code);
  return complain(ExitCode::trouble, "standard output: write failed");
}

int run_command(const Action& action) {
  try {
    return flushed(action());
  } catch (const UsageError& error) {
    return complain(ExitCode::usage, error.what());
  } catch (const std::exception& error) {
    return complain(ExitCode::trouble, error.what());
  }
}

/// The command that was named, and all of them when none was. A worker starts by the thousand, and
/// to declare what others can do would take longer than its work.
std::vector<Command> commands_to_declare(const char* name) {
  std::vector<Command> commands;
  for (const Command& command : command_table()) {
    if (name != nullptr && std::string_view(name) == command.name) return {command};
    commands.push_back(command);
  }
  return commands;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write, not a death
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit, too
  CLI::App app{"npyrace races write strategies for one shared NumPy file and finds lost records",
               "npyrace"};
  app.formatter(std::make_shared<HelpFormatter>());
  app.footer("Start with: npyrace run --dir DIR. Each command has its own --help.");
  app.require_subcommand(1);
  app.set_version_flag("--version", "npyrace " NPYRACE_VERSION);
  std::vector<std::pair<CLI::App*, Action>> actions;
  for (const Command& command : commands_to_declare(argc > 1 ? argv[1] : nullptr)) {
    CLI::App* sub = app.add_subcommand(command.name, command.summary);
    if (command.hidden) sub->group("");
    actions.emplace_back(sub, command.declare(*sub));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return complain_of_usage(app, error, argc, argv);
  }
  for (const auto& [sub, action] : actions)
    if (sub->parsed()) return run_command(action);
  return exit_with(ExitCode::usage);
}
