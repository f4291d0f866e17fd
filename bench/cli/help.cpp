#include "bench/cli/help.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "bench/cli/command_table.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

constexpr std::size_t kRightColumn = 28;
constexpr std::size_t kCommandColumn = 14;

std::string right_column(const std::string& text) {
  return wrapped(text, {.first = kRightColumn, .others = kRightColumn});
}

/// "  name   words": wraps the words in their own column.
std::string item(const std::string& line) {
  const std::size_t name = line.find_first_not_of(' ');
  const std::size_t gap = line.find("  ", name);
  const std::size_t words = gap == std::string::npos ? gap : line.find_first_not_of(' ', gap);
  if (words == std::string::npos) return line + "\n";
  return line.substr(0, words) + wrapped(line.substr(words), {.first = words, .others = words});
}

/// Wraps paragraphs, which are separated by empty lines. A line that begins with spaces is a list
/// item: its second column, after two spaces, is wrapped separately.
std::string wrapped_paragraphs(const std::string& typed) {
  std::istringstream lines(typed);
  std::string text;
  std::string paragraph;
  const auto end_paragraph = [&] {
    if (!paragraph.empty()) text += wrapped(std::exchange(paragraph, ""), {});
  };
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line[0] != ' ') {
      paragraph += line + " ";
      continue;
    }
    end_paragraph();
    text += line.empty() ? "\n" : item(line);
  }
  end_paragraph();
  return text;
}

/// The options of `group` that take part in the help, --help excepted.
std::vector<const CLI::Option*> options_of(const CLI::App& command, const std::string& group) {
  return command.get_options([&](const CLI::Option* option) {
    return option->get_group() == group && option->nonpositional() &&
           option != command.get_help_ptr();
  });
}

/// CLI11's group of options for which no group was named.
constexpr const char* kUnnamedGroup = "Options";

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* command, std::string name,
                                     CLI::AppFormatMode mode) const {
  return make_description(command) + "\n" + make_usage(command, name) + make_positionals(command) +
         make_subcommands(command, mode) + option_groups(command) + make_footer(command);
}

std::string HelpFormatter::make_description(const CLI::App* command) const {
  return wrapped_paragraphs(command->get_description());
}

/// Prints --help and the options without a named group last.
std::string HelpFormatter::option_groups(const CLI::App* command) const {
  std::string text;
  for (const std::string& group : command->get_groups()) {
    const auto options = options_of(*command, group);
    if (group.empty() || group == kUnnamedGroup || options.empty()) continue;
    text += make_group(group, false, options);
  }
  const std::string title = text.empty() ? kUnnamedGroup : "Other options";
  auto others = options_of(*command, kUnnamedGroup);
  if (command->get_help_ptr() != nullptr) others.push_back(command->get_help_ptr());
  return others.empty() ? text : text + make_group(title, false, others);
}

/// The words of the user's own command follow "--".
std::string HelpFormatter::make_option_usage(const CLI::Option* positional) const {
  if (positional->get_name() == "COMMAND") return "-- COMMAND...";
  return CLI::Formatter::make_option_usage(positional);
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  const Command* row = find_command(command->get_name());
  std::string left = "  " + command->get_name();
  left.resize(kCommandColumn, ' ');
  return left + wrapped(row->summary, {.first = kCommandColumn, .others = kCommandColumn});
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
  std::string left = "  " + make_option_name(option, is_positional) + make_option_opts(option);
  if (left.size() + 2 > kRightColumn)
    left += "\n" + std::string(kRightColumn, ' ');
  else
    left.resize(kRightColumn, ' ');
  return left + right_column(make_option_desc(option));
}

/// Only the type: CLI11 would add a mark for repeatable options, and the names of checks.
std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  const std::string type = option->get_type_name();
  const std::string known_default = option->get_default_str();
  std::string text;
  if (!type.empty() && option->get_items_expected_max() > 0 && !option->get_positional())
    text += " " + type;
  if (!known_default.empty()) text += fmt::format(" ({})", known_default);
  return text;
}

std::string HelpFormatter::make_footer(const CLI::App* command) const {
  const std::string footer = wrapped_paragraphs(command->get_footer());
  const Command* row = find_command(command->get_name());
  const std::string example =
      row == nullptr || row->hidden() ? "" : fmt::format("\nExample:\n  {}\n", row->example);
  return (footer.empty() ? "" : "\n" + footer) + example;
}

namespace {

constexpr const char* kHead = R"(.TH NPYRACE 1 "" "npyrace {0}" "User Commands"
.SH NAME
npyrace \- race write strategies for one shared NumPy file and find lost records
.SH SYNOPSIS
.B npyrace
.I COMMAND
[\fIOPTION\fR ...]
.SH DESCRIPTION
Many jobs, one NumPy array on a shared file system, every job writing records of its own: npyrace
races the ways of writing such a file, reads every record back, and says which are safe there and
how fast. Start with
.B npyrace run \-\-dir
.IR DIR .
.SH COMMANDS
)";

constexpr const char* kTail = R"(.SH EXIT STATUS
.TP
0
fine, inconclusive included
.TP
1
data unsafe, or gate failed
.TP
2
usage
.TP
3
environment or I/O: one line on standard error says what, which file, and where
)";

/// Escapes text for roff: backslashes, hyphens, and lines that look like requests.
std::string roff(const std::string& text) {
  std::string out;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    line_begins = c == '\n';
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

std::string paragraphs(const std::string& text) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);)
    out += line.empty() ? ".PP\n" : roff(line) + "\n";
  return out;
}

std::string option_text(const CLI::Option& option) {
  const bool positional = option.get_positional();
  const std::string name = option.get_name(positional, !positional);
  const std::string takes = option.get_items_expected_max() > 0 && !positional
                                ? " \\fI" + roff(option.get_type_name()) + "\\fR"
                                : "";
  return fmt::format(".TP\n\\fB{}\\fR{}\n{}\n", roff(name), takes, roff(option.get_description()));
}

std::string command_text(const Command& command) {
  CLI::App app(command.summary, command.name);
  command.declare(app);
  std::string text = fmt::format(".SS npyrace {}\n", roff(command.name));
  text += paragraphs(app.get_description());
  for (const CLI::Option* option : app.get_options())
    if (!option->get_group().empty() && option != app.get_help_ptr()) text += option_text(*option);
  if (!app.get_footer().empty()) text += ".PP\n" + paragraphs(app.get_footer());
  return text + fmt::format(".PP\nExample:\n.PP\n.B {}\n", roff(command.example));
}

}  // namespace

std::string man_page() {
  std::string text = fmt::format(fmt::runtime(kHead), NPYRACE_VERSION);
  for (const Command& command : command_table())
    if (!command.hidden()) text += command_text(command);
  return text + kTail;
}

}  // namespace npyrace
