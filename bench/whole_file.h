#pragma once
// Files for people, written whole or not at all.

#include <string>

namespace npyrace {

/// Writes under a temporary name, fsyncs, renames. What is not a regular file (a terminal, a pipe,
/// /dev/stdout) is written to directly. Throws SystemError.
void write_whole_file(const std::string& path, const std::string& text);

}  // namespace npyrace
