#pragma once
// Files for people, written whole or not at all.

#include <functional>
#include <string>

#include "core/file/file.h"

namespace npyrace {

/// Writes under a temporary name, fsyncs, renames. What is not a regular file (a terminal, a pipe,
/// /dev/stdout) is written to directly. Throws SystemError.
void write_whole_file(const std::string& path, const std::string& text);

/// Throws SystemError where write_whole_file could not make a file: better told before the work
/// than after it.
void require_place(const std::string& path);

enum class Existing { keep, replace };

/// The same for content too large to be held: `fill` writes it into an empty file. With
/// Existing::keep an existing file is an error, and with either nothing is left when `fill` throws.
void write_whole_file(const std::string& path, Existing existing,
                      const std::function<void(File&)>& fill);

/// The text of a regular file. Throws SystemError, and FormatError for more than a gigabyte.
std::string read_text_file(const std::string& path);

}  // namespace npyrace
