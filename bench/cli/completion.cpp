#include <fmt/format.h>

#include <memory>

#include "bench/cli/arguments.h"
#include "bench/cli/commands.h"
#include "core/base/print.h"

namespace npyrace {
namespace {

constexpr const char* kCompletionDescription =
    "Print a script by which your shell completes commands and options. Save it once where the\n"
    "shell looks for such scripts.";

constexpr const char* kCompletionPlaces =
    "Where to save it:\n"
    "  bash    ~/.local/share/bash-completion/completions/npyrace\n"
    "  zsh     _npyrace in a directory of $fpath\n"
    "  fish    ~/.config/fish/completions/npyrace.fish\n\n"
    "Exit code: 0 printed, 2 usage.";

struct OptionWords {
  std::string name;  ///< with its dashes
  std::string text;
  bool takes_value = false;
};

struct CommandWords {
  std::string name;
  std::string text;
  std::vector<OptionWords> options;
};

/// The content of --help as data.
std::vector<CommandWords> visible_commands() {
  std::vector<CommandWords> commands;
  for (const Command& command : command_table()) {
    if (command.hidden()) continue;
    CLI::App app;
    command.declare(app);
    CommandWords words{command.name, command.summary, {}};
    for (const CLI::Option* option : app.get_options())
      for (const std::string& name : option->get_lnames())
        if (!option->get_group().empty())
          words.options.push_back(
              {"--" + name, option->get_description(), option->get_items_expected_max() > 0});
    commands.push_back(std::move(words));
  }
  return commands;
}

/// The text in single quotes on one line, quoted so that bash, zsh and fish accept it.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c == '\n' ? ' ' : c;
  }
  return out + "'";
}

std::string bash_script(const std::vector<CommandWords>& commands) {
  std::string names, cases;
  for (const CommandWords& command : commands) {
    std::string options;
    for (const OptionWords& option : command.options) options += " " + option.name;
    names += " " + command.name;
    cases += fmt::format("    {}) words='{}' ;;\n", command.name, options.substr(1));
  }
  return fmt::format(R"(_npyrace() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} words=
  case ${{COMP_WORDS[1]}} in
{}  esac
  [ "$COMP_CWORD" != 1 ] || words='{} --help --version'
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ] || [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$word"))
  fi
}}
complete -o default -F _npyrace npyrace
)",
                     cases, names.substr(1));
}

/// Brackets and colons end the parts of a specification of _arguments.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_script(const std::vector<CommandWords>& commands) {
  std::string names, cases;
  for (const CommandWords& command : commands) {
    names += "    " + quoted(command.name + ":" + command.text) + "\n";
    cases += "  " + command.name + ") _arguments '*:file:_files'";
    for (const OptionWords& option : command.options)
      cases += " \\\n    " + quoted(fmt::format("{}[{}]{}", option.name, zsh_text(option.text),
                                                option.takes_value ? ":value:_files" : ""));
    cases += " ;;\n";
  }
  return fmt::format(
      "#compdef npyrace\nlocal -a commands\ncommands=(\n{})\n"
      "if (( CURRENT == 2 )); then\n  _describe command commands\n  return\nfi\n"
      "shift words\n(( CURRENT-- ))\ncase $words[1] in\n{}esac\n",
      names, cases);
}

std::string fish_script(const std::vector<CommandWords>& commands) {
  std::string text;
  for (const CommandWords& command : commands) {
    text += fmt::format("complete -c npyrace -n __fish_use_subcommand -f -a {} -d {}\n",
                        command.name, quoted(command.text));
    for (const OptionWords& option : command.options)
      text += fmt::format("complete -c npyrace -n '__fish_seen_subcommand_from {}' -l {}{} -d {}\n",
                          command.name, option.name.substr(2), option.takes_value ? " -r" : "",
                          quoted(option.text));
  }
  return text;
}

struct Shell {
  const char* name;
  std::string (*script)(const std::vector<CommandWords>& commands);
};

constexpr Shell kShells[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};

ExitCode complete(const std::string& shell) {
  for (const Shell& row : kShells)
    if (shell == row.name) print_output("{}", row.script(visible_commands()));
  return ExitCode::fine;
}

}  // namespace

Action declare_completion(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  std::vector<std::string> names;
  for (const Shell& row : kShells) names.emplace_back(row.name);
  app.description(kCompletionDescription);
  app.footer(kCompletionPlaces);
  app.add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(one_of(names));
  return [shell] { return complete(*shell); };
}

}  // namespace npyrace
