#include "bench/help_formatter.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>

#include "reports/wrap.h"

namespace npyrace {
namespace {

constexpr std::size_t kRightColumn = 28;

std::string right_column(const std::string& text) {
  return wrapped(text, {.first = kRightColumn, .others = kRightColumn});
}

/// "  name   words": the words are wrapped below each other.
std::string item(const std::string& line) {
  const std::size_t name = line.find_first_not_of(' ');
  const std::size_t gap = line.find(' ', name);
  const std::size_t words = line.find_first_not_of(' ', gap);
  if (words == std::string::npos) return line + "\n";
  return line.substr(0, words) + wrapped(line.substr(words), {.first = words, .others = words});
}

}  // namespace

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  std::string left = "  " + command->get_name();
  left.resize(kRightColumn, ' ');
  return left + right_column(command->get_description());
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
  std::string left = "  " + make_option_name(option, is_positional) + make_option_opts(option);
  if (left.size() + 2 > kRightColumn)
    left += "\n" + std::string(kRightColumn, ' ');
  else
    left.resize(kRightColumn, ' ');
  return left + right_column(make_option_desc(option));
}

/// The type alone: CLI11's own form adds a mark for every repetition. (Our checks have no names.)
std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  const std::string type = option->get_type_name();
  const std::string known_default = option->get_default_str();
  std::string text;
  if (!type.empty() && option->get_items_expected_max() > 0 && !option->get_positional())
    text += " " + type;
  if (!known_default.empty()) text += fmt::format(" ({})", known_default);
  return text;
}

/// Paragraphs are separated by empty lines and wrapped. A line that begins with spaces is an item
/// of a list: it stays a line, wrapped on its own below its second column.
std::string HelpFormatter::make_footer(const CLI::App* command) const {
  std::istringstream lines(command->get_footer());
  std::string text;
  std::string paragraph;
  const auto end_paragraph = [&] {
    if (!paragraph.empty()) text += wrapped(std::exchange(paragraph, ""), {});
  };
  for (std::string line; std::getline(lines, line);) {
    if (text.empty()) text = "\n";
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

}  // namespace npyrace
