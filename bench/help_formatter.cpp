#include "bench/help_formatter.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace npyrace {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kRightColumn = 28;

/// Words from column `indent` on, as many lines as they take; the first line is begun already.
std::string wrapped(const std::string& paragraph, std::size_t indent) {
  std::istringstream words(paragraph);
  std::string text;
  std::size_t column = indent;
  for (std::string word; words >> word;) {
    const bool first = column == indent;
    if (!first && column + 1 + word.size() > kColumns) {
      text += "\n" + std::string(indent, ' ') + word;
      column = indent + word.size();
    } else {
      text += (first ? "" : " ") + word;
      column += word.size() + (first ? 0 : 1);
    }
  }
  return text + "\n";
}

}  // namespace

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  std::string left = "  " + command->get_name();
  left.resize(kRightColumn, ' ');
  return left + wrapped(command->get_description(), kRightColumn);
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
  std::string left = "  " + make_option_name(option, is_positional) + make_option_opts(option);
  if (left.size() + 2 > kRightColumn)
    left += "\n" + std::string(kRightColumn, ' ');
  else
    left.resize(kRightColumn, ' ');
  return left + wrapped(make_option_desc(option), kRightColumn);
}

/// The type alone: CLI11's own form adds the names of checks and a mark for every repetition.
std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  const std::string type = option->get_type_name();
  const std::string known_default = option->get_default_str();
  std::string text;
  if (!type.empty() && option->get_items_expected_max() > 0 && !option->get_positional())
    text += " " + type.substr(0, type.find(':'));
  if (!known_default.empty()) text += fmt::format(" ({})", known_default);
  return text;
}

/// Paragraphs are separated by empty lines.
std::string HelpFormatter::make_footer(const CLI::App* command) const {
  std::string text;
  const std::string footer = command->get_footer();
  for (std::size_t start = 0; start < footer.size();) {
    const std::size_t end = std::min(footer.find("\n\n", start), footer.size());
    text += "\n" + wrapped(footer.substr(start, end - start), 0);
    start = end + 2;
  }
  return text;
}

}  // namespace npyrace
