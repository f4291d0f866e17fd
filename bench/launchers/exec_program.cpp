#include "bench/launchers/exec_program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <deque>
#include <fstream>

#include "bench/shell_word.h"

namespace npyrace {
namespace {

constexpr std::size_t kLinesBefore = 6;
constexpr std::size_t kMostCharacters = 300;  // of one line

std::string trimmed(const std::string& line) {
  constexpr const char* kSpace = " \t\r";
  const std::size_t first = line.find_first_not_of(kSpace);
  if (first == std::string::npos) return "";
  const std::string text = line.substr(first, line.find_last_not_of(kSpace) - first + 1);
  return text.size() > kMostCharacters ? text.substr(0, kMostCharacters) + " ..." : text;
}

/// At most `most` of them, none empty.
std::deque<std::string> last_lines(const std::string& path, std::size_t most) {
  std::ifstream file(path);
  std::deque<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    line = trimmed(line);
    if (line.empty()) continue;
    lines.push_back(line);
    if (lines.size() > most) lines.pop_front();
  }
  return lines;
}

}  // namespace

std::string last_line(const std::string& path) {
  const std::deque<std::string> lines = last_lines(path, 1);
  return lines.empty() ? "" : lines.back();
}

std::string last_words(const std::string& path) {
  std::deque<std::string> lines = last_lines(path, kLinesBefore + 1);
  if (lines.empty()) return "";
  const std::string last = lines.back();
  lines.pop_back();
  return lines.empty() ? last : fmt::format("{} (before it: {})", last, fmt::join(lines, " / "));
}

std::string command_for(const std::string& command, const std::string& file, std::uint64_t writer,
                        std::uint64_t writers) {
  std::string text = command;
  const auto replace = [&](std::string_view mark, const std::string& value) {
    for (std::size_t at = text.find(mark); at != std::string::npos;
         at = text.find(mark, at + value.size()))
      text.replace(at, mark.size(), value);
  };
  replace("{file}", shell_word(file));
  replace("{writer}", std::to_string(writer));
  replace("{writers}", std::to_string(writers));
  return text;
}

}  // namespace npyrace
