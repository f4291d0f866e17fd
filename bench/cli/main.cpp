// Entry point: parses the command line, runs one command, and turns every error into one line and
// an exit code.

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/cli/command_table.h"
#include "bench/cli/help.h"
#include "bench/remote/interrupt_cleanup.h"
#include "core/base/error.h"
#include "core/base/print.h"
#include "core/base/table.h"
#include "reports/text/wrap.h"

namespace {

using namespace npyrace;

int exit_with(ExitCode code) {
  return static_cast<int>(code);
}

int complain(ExitCode code, const std::string& sentence) {
  // Ignores errors: standard error may be closed.
  std::fputs(fmt::format("npyrace: {}\n", printable(sentence)).c_str(), stderr);
  return exit_with(code);
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const Command& command : command_table())
    if (!command.hidden()) names.push_back(command.name);
  return names;
}

/// The command's options with their dashes.
std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

/// The first argument from `first` on that looks like an unknown option, with a suggestion; empty:
/// none.
std::string misspelled_option(const CLI::App& command, int first, int argc, char** argv) {
  const std::vector<std::string> known = option_names(command);
  for (int i = first; i < argc && std::string_view(argv[i]) != "--"; ++i) {
    const std::string typed = std::string(argv[i]).substr(0, std::string_view(argv[i]).find('='));
    if (!typed.starts_with("--") || std::ranges::count(known, typed) > 0) continue;
    const std::string near = nearest_name(typed, known);
    return near.empty() ? fmt::format("there is no option {}", typed)
                        : fmt::format("there is no option {}; did you mean {}?", typed, near);
  }
  return "";
}

/// If a file or directory was given in place of a command, suggests the command.
std::string path_hint(const std::string& word) {
  std::error_code error;
  if (std::filesystem::is_directory(word, error))
    return fmt::format("{} is a directory; to race there: npyrace run --dir {}", word, word);
  if (std::filesystem::exists(word, error))
    return fmt::format("{} is a file; did you mean npyrace inspect {}, or verify?", word, word);
  return "";
}

/// CLI11's sentence in plain words.
std::string plain_words(const CLI::ParseError& error) {
  const std::string text = error.what();
  const std::size_t colon = text.find(": ");
  if (text == "A subcommand is required") return "a command is required";
  if (colon == std::string::npos) return text;
  const std::string before = text.substr(0, colon), after = text.substr(colon + 2);
  if (before.ends_with("not expected")) {
    const std::string first = after.substr(0, after.find(' '));
    return first.starts_with('-') ? "there is no option " + first
                                  : fmt::format("unexpected argument '{}'", first);
  }
  constexpr std::string_view kMissing = "1 required ";
  if (after.starts_with(kMissing) && after.ends_with(" missing"))
    return fmt::format("{} needs a value: {}", before,
                       after.substr(kMissing.size(), after.rfind(' ') - kMissing.size()));
  if (after.starts_with("At Most 1 required")) return before + " was given twice: give it once";
  return text;
}

/// If an error says that a file or folder is missing because its folder is, names that folder.
std::string missing_folder(const SystemError& error) {
  if (error.error_number() != ENOENT) return "";
  const std::filesystem::path folder = std::filesystem::path(error.path()).parent_path();
  std::error_code ignored;
  if (folder.empty() || std::filesystem::exists(folder, ignored)) return "";
  return fmt::format("; there is no folder {}", folder.string());
}

/// True if the reader of our pipe or socket has closed it, as `head` does.
bool nobody_reads() {
  pollfd output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

/// Reports output that could not be written, for example to a full disk. A closed pipe is no error.
int flushed(ExitCode code) {
  const bool arrived = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (arrived || nobody_reads()) return exit_with(code);
  return complain(ExitCode::trouble, "standard output: write failed");
}

/// CLI11's message, extended by a suggestion for a misspelled command or option.
int complain_of_usage(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() == 0) {  // help and version
    app.exit(error);
    std::cout.flush();
    return flushed(ExitCode::fine);
  }
  if (is_silent_rank({argv, static_cast<std::size_t>(argc)})) return exit_with(ExitCode::usage);
  const bool chosen = !app.get_subcommands().empty();
  if (!chosen && argc > 1 && argv[1][0] != '-') {
    const std::string hint = path_hint(argv[1]);
    return complain(ExitCode::usage, hint.empty()
                                         ? unknown_name_message("command", argv[1], command_names())
                                         : hint);
  }
  const std::string scope = chosen ? " " + app.get_subcommands().front()->get_name() : "";
  // A required option may be missing only because it was misspelled.
  const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
                     dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  const std::string option = !extra ? ""
                             : chosen
                                 ? misspelled_option(*app.get_subcommands().front(), 2, argc, argv)
                                 : misspelled_option(app, 1, argc, argv);
  const std::string words = option.empty() ? plain_words(error) : option;
  return complain(ExitCode::usage,
                  fmt::format("{} npyrace{} --help",
                              words.ends_with('?') ? words + " See" : words + "; see", scope));
}

int run_command(const Action& action) {
  try {
    return flushed(action());
  } catch (const UsageError& error) {
    return complain(ExitCode::usage, error.what());
  } catch (const SystemError& error) {
    return complain(ExitCode::trouble, error.what() + missing_folder(error));
  } catch (const std::exception& error) {
    return complain(ExitCode::trouble, error.what());
  }
}

/// Declares only the named command, or all if none was named. Thousands of workers may start, and
/// declaring all commands would take longer than their work.
std::vector<Command> commands_to_declare(const char* name) {
  std::vector<Command> commands;
  for (const Command& command : command_table()) {
    if (name != nullptr && std::string_view(name) == command.name) return {command};
    commands.push_back(command);
  }
  return commands;
}

/// Accepts "version", "help" and "help COMMAND" as the options of the same names.
std::vector<char*> with_options_for_words(int argc, char** argv) {
  static char help[] = "--help", version[] = "--version";
  std::vector<char*> arguments(argv, argv + argc);
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "version") arguments[1] = version;
  if (first == "help") {
    arguments.erase(arguments.begin() + 1);
    arguments.insert(arguments.begin() + (argc > 2 ? 2 : 1), help);
  }
  return arguments;
}

int run_program(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is a write error
  std::signal(SIGXFSZ, SIG_IGN);  // so is a file size limit
  CLI::App app{"npyrace races write strategies for one shared NumPy file and finds lost records",
               "npyrace"};
  const auto formatter = std::make_shared<HelpFormatter>();
  formatter->label("SUBCOMMAND", "COMMAND");
  formatter->label("Positionals", "Arguments");
  app.formatter(formatter);
  app.footer(
      "Start with npyrace run --dir DIR, where DIR is on the file system in question. npyrace "
      "COMMAND --help explains a command and shows an example; npyrace man prints it all.");
  app.require_subcommand(1);
  app.set_version_flag("-V,--version", "npyrace " NPYRACE_VERSION);
  std::vector<std::pair<CLI::App*, Action>> actions;
  for (const Command& command : commands_to_declare(argc > 1 ? argv[1] : nullptr)) {
    CLI::App* sub = app.add_subcommand(command.name, command.summary + std::string("."));
    sub->group(command.group);
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

/// True once main returns. Libraries may call exit(1), which is this program's code for unsafe
/// data: Google Benchmark does so without free file descriptors, libgomp without threads.
bool main_returns = false;

void change_exit_code_of_libraries() {
  if (main_returns) return;
  print_note(
      "npyrace: a library ended the program, for the reason above; a low limit (ulimit -a) is the "
      "usual cause\n");
  ::_exit(static_cast<int>(ExitCode::trouble));
}

int answer_command_line(int argc, char** argv) {
  if (argc > 2 && std::string_view(argv[1]) == "help" && find_command(argv[2]) == nullptr)
    return complain(ExitCode::usage, unknown_name_message("command", argv[2], command_names()));
  std::vector<char*> arguments = with_options_for_words(argc, argv);
  return run_program(static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

int main(int argc, char** argv) {
  std::atexit(change_exit_code_of_libraries);
  const int code = answer_command_line(argc, argv);
  main_returns = true;
  return code;
}
