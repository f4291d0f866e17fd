#include "core/os/shell.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/process.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

bool is_plain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || std::strchr("/._-+@%", c);
}

}  // namespace

std::string shell_word(const std::string& text) {
  if (!text.empty() && std::ranges::all_of(text, is_plain)) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string shown_shell_word(const std::string& text) {
  const bool plain = std::ranges::none_of(
      text, [](char c) { return std::iscntrl(static_cast<unsigned char>(c)); });
  if (plain && !first_invalid_utf8(text)) return shell_word(text);
  std::string word = "$'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\'' || c == '\\')
      word += {'\\', c};
    else
      word += byte < ' ' || byte >= 0x7F ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
  }
  return word + "'";
}

std::vector<std::string> shell_arguments(const std::string& command) {
  if (::access(kShell, X_OK) == 0) return {kShell, "-c", command};
  const int error_number = errno;
  std::vector<std::string> words = split(command, ' ');
  std::erase(words, "");
  const bool plain = std::ranges::all_of(
      words, [](const std::string& word) { return std::ranges::all_of(word, is_plain); });
  if (words.empty() || !plain)
    throw SystemError({kShell, "start the shell that '" + command + "' needs"}, error_number);
  return words;
}

std::optional<int> run_to_end(const ShellCommand& command) {
  const std::int64_t start_ns = monotonic_ns();
  ChildProcess process({.arguments = shell_arguments(command.command),
                        .environment = command.environment,
                        .output_path = command.output_path});
  for (;;) {
    if (const auto status = process.poll()) return status;
    if (interrupted() && !command.tidies_up) throw Interrupted();
    const std::chrono::nanoseconds passed(monotonic_ns() - start_ns);
    if (command.time_limit && passed > *command.time_limit) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

std::string npyrace_there(const std::string& typed) {
  if (!typed.empty()) return typed;
  std::error_code error;
  const auto path = std::filesystem::read_symlink(kOwnBinary, error);
  return error ? "npyrace" : path.string();
}

}  // namespace npyrace
