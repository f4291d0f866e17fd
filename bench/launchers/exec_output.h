#pragma once
// The output of programs of the user's own, and the part of it that is told when they fail.

#include <string>

namespace npyrace {

/// The last line that is not empty.
std::string last_line(const std::string& path);

/// The last line that is not empty and, in brackets, the few before it: of a traceback the last
/// line alone does not say where. One line; empty: nothing was printed.
std::string last_words(const std::string& path);

}  // namespace npyrace
