#pragma once
// Printing that never throws: a reader that closes its pipe must not abort the work. main checks
// standard output once, at the end.

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

namespace npyrace {

/// To standard output.
template <typename... Args>
void print_output(fmt::format_string<Args...> format, Args&&... arguments) {
  const std::string text = fmt::format(format, std::forward<Args>(arguments)...);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

/// To standard error.
template <typename... Args>
void print_note(fmt::format_string<Args...> format, Args&&... arguments) {
  const std::string text = fmt::format(format, std::forward<Args>(arguments)...);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace npyrace
