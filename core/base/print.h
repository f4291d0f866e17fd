#pragma once
// Printing that never throws: whoever reads may have gone away (a closed pipe), which is no reason
// to lose what is being done. main looks at standard output once, in the end.

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

namespace npyrace {

/// To standard output.
template <typename... Args>
void print_answer(fmt::format_string<Args...> format, Args&&... arguments) {
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
