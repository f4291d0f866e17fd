#pragma once
// The output of programs of the user's own, and the part of it that is told when they fail.

#include <cstdint>
#include <string>

namespace npyrace {

/// The last line that is not empty.
std::string last_line(const std::string& path);

/// The last line that is not empty and, in brackets, the few before it: of a traceback the last
/// line alone does not say where. One line; empty: nothing was printed.
std::string last_words(const std::string& path);

/// COMMAND for one writer: {file}, {writer} and {writers} are replaced, the file's path as one word
/// of a shell.
std::string command_for(const std::string& command, const std::string& file, std::uint64_t writer,
                        std::uint64_t writers);

}  // namespace npyrace
